/** The operators of `fxlab.engine` in JavaScript, which compiled programs call. One file per operator. */

export { filterSections } from "./sections.js";

/** @import { Level, PlayerReport, Report } from "./messages" */

/** @returns {Level} */
const emptyLevel = () => ({ peak: 0, square: 0, weighted: 0, seconds: 0 });

/** Return a report for a CrossfadePlayer to fill in. @returns {PlayerReport} */
export const emptyPlayerReport = () => ({
  ...{ position: 0, seq: 0, ended: false, waiting: false, matchGainDb: null, wetAhead: 0, dryAhead: 0 },
});

/** Return a report for a Monitor to fill in. @returns {Report} */
export const emptyReport = () => ({
  ...emptyPlayerReport(),
  ...{ hasInvalidSamples: false, peak: 0, gain: 1, time: 0, output: emptyLevel(), input: emptyLevel() },
});

/**
 * Create an element.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number | boolean | null | undefined>} [attributes] false, null and undefined are left out
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    // A strict Content-Security-Policy does not allow the attribute `style`, but the property.
    if (name === "style") node.style.cssText = String(value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null) node.append(child);
  return node;
}

/** Set a text if it differs: setting the same text again would also cause a layout. @param {Element} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Set an attribute if it differs: setting the same value again would also be work for the page. @param {Element} node @param {string} name @param {string} value */
export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

const ICONS = {
  undo: '<path d="M6.2 2.6v2.7h3.2a4.1 4.1 0 0 1 0 8.2H5v-1.6h4.4a2.5 2.5 0 0 0 0-5H6.2v2.7L2.4 6.1z"/>',
  redo: '<path d="M9.8 2.6v2.7H6.6a4.1 4.1 0 0 0 0 8.2H11v-1.6H6.6a2.5 2.5 0 0 1 0-5h3.2v2.7l3.8-3.5z"/>',
  up: '<path d="m8 4.6 4.4 4.4-1.1 1.1L8 6.8l-3.3 3.3L3.6 9z"/>',
  down: '<path d="M8 11.4 3.6 7l1.1-1.1L8 9.2l3.3-3.3L12.4 7z"/>',
  remove:
    '<path d="m4.5 3.4 3.5 3.5 3.5-3.5 1.1 1.1L9.1 8l3.5 3.5-1.1 1.1L8 9.1l-3.5 3.5-1.1-1.1L6.9 8 3.4 4.5z"/>',
  power: '<path d="M7.2 2h1.6v6H7.2zM4.9 4l1.1 1.1a3.9 3.9 0 1 0 4 0L11.1 4A5.4 5.4 0 1 1 4.9 4z"/>',
  wave: '<path d="M1.5 8c1.1-3.3 2-5 3.3-5C7.600 3 8.400 13 11.200 13c1.300 0 2.200-1.700 3.300-5" fill="none" stroke="currentColor" stroke-width="1.600" stroke-linecap="round"/>',
  add: '<path d="M7.2 3h1.6v4.2H13v1.6H8.8V13H7.2V8.8H3V7.2h4.2z"/>',
  projector:
    '<path d="M1.5 2.500h13v1.500h-.7v7H8.700v1.200l2.500 2-.9 1.100-2.300-1.800-2.300 1.800-.9-1.100 2.500-2V11H2.200V4h-.7zM3.700 4v5.500h8.600V4z"/>',
  die: '<path d="M3.800 1.800h8.400a2 2 0 0 1 2 2v8.400a2 2 0 0 1-2 2H3.800a2 2 0 0 1-2-2V3.800a2 2 0 0 1 2-2zm0 1.500a.5.5 0 0 0-.5.5v8.400c0 .3.200.5.5.5h8.400a.5.5 0 0 0 .5-.5V3.800a.5.5 0 0 0-.5-.5zM5.600 4.500a1.100 1.100 0 1 1 0 2.200 1.100 1.100 0 0 1 0-2.200zM8 6.900a1.100 1.100 0 1 1 0 2.200 1.100 1.100 0 0 1 0-2.200zM10.400 9.300a1.100 1.100 0 1 1 0 2.200 1.100 1.100 0 0 1 0-2.200z" fill-rule="evenodd"/>',
  play: '<path d="M5.5 3.2v9.6a.6.6 0 0 0 .92.5l7.4-4.8a.6.6 0 0 0 0-1L6.42 2.7a.6.6 0 0 0-.92.5z"/>',
  pause: '<path d="M4.5 3h2.6v10H4.5zM8.9 3h2.6v10H8.9z"/>',
  loop: '<path d="M11.2 1.6 13.6 4l-2.4 2.4V4.8H6A2.4 2.4 0 0 0 3.6 7.2v.6H2v-.6a4 4 0 0 1 4-4h5.2zM4.8 14.4 2.4 12l2.4-2.4v1.6H10a2.4 2.4 0 0 0 2.4-2.4v-.6H14v.6a4 4 0 0 1-4 4H4.8z"/>',
  volume:
    '<path d="M8.2 2.2v11.6L4.6 10.6H2V5.4h2.6zM10 5.2l.9-1.2a5 5 0 0 1 0 8l-.9-1.2a3.5 3.5 0 0 0 0-5.6z"/>',
  muted:
    '<path d="M8.2 2.2v11.6L4.6 10.6H2V5.4h2.6zM10.2 6.4l1-1 1.5 1.5 1.5-1.5 1 1L13.7 8l1.5 1.6-1 1-1.5-1.5-1.5 1.5-1-1L11.7 8z"/>',
  more: '<path d="M3.2 6.6a1.4 1.4 0 1 1 0 2.8 1.4 1.4 0 0 1 0-2.8zM8 6.6a1.4 1.4 0 1 1 0 2.8 1.4 1.4 0 0 1 0-2.8zM12.8 6.6a1.4 1.4 0 1 1 0 2.8 1.4 1.4 0 0 1 0-2.8z"/>',
};

/**
 * Create a button; its label is also its tooltip.
 *
 * @param {string} action its `data-action`
 * @param {string} label
 * @param {(event: MouseEvent) => void} onClick
 * @param {Node | string} content
 * @param {Record<string, string | null>} [attributes]
 */
export function button(action, label, onClick, content, attributes = {}) {
  const all = { type: "button", "data-action": action, "aria-label": label, title: label, ...attributes };
  const node = element("button", all, content);
  node.addEventListener("click", onClick);
  return node;
}

/** Create an icon in the color of the text. @param {keyof typeof ICONS} name @returns {Element} */
export function icon(name) {
  const container = document.createElement("span");
  container.innerHTML = `<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${ICONS[name]}</svg>`;
  return /** @type {Element} */ (container.firstElementChild);
}

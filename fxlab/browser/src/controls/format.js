/** Values as text, in their units: for the eye, for a screen reader, for the number field. */

/** @param {number} value @param {number} digits significant ones, never as an exponent */
function significant(value, digits) {
  if (value === 0) return "0";
  const places = Math.max(
    0,
    digits - 1 - Math.floor(Math.log10(Math.abs(Number(value.toPrecision(digits))))),
  );
  return value.toFixed(Math.min(places, 6));
}

/**
 * @param {number} value
 * @param {string} unit
 * @returns {string} such as "1.20 kHz", "+3.0 dB", "0.71"
 */
export function formatQuantity(value, unit) {
  if (!Number.isFinite(value)) return String(value);
  if (unit === "Hz") {
    const big = Math.abs(Number(value.toPrecision(3))) >= 1000;
    return big ? `${significant(value / 1000, 3)} kHz` : `${significant(value, 3)} Hz`;
  }
  if (unit === "dB") {
    const tenths = Math.round(value * 10) / 10 || 0;
    return `${tenths > 0 ? "+" : ""}${tenths.toFixed(1)} dB`;
  }
  if (unit === "ms" && Math.abs(value) >= 1000) return `${significant(value / 1000, 3)} s`;
  if (unit === "") return Math.abs(value) < 10 ? value.toFixed(2) : significant(value, 3);
  return `${significant(value, 3)}${unit === "°" ? "" : " "}${unit}`;
}

/**
 * @param {import("../types").Value} value
 * @param {{ kind: string, unit: string }} param
 */
export function formatValue(value, { kind, unit }) {
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value !== "number") return String(value);
  if (kind === "count") return unit ? `${value} ${unit}` : String(value);
  return formatQuantity(value, unit);
}

/**
 * What a number field shows: enough digits for what a person typed, none of a float's dust.
 *
 * @param {number} value
 * @param {{ kind: string, unit: string }} param
 */
export function formatForField(value, { kind, unit }) {
  const text = String(Number(value.toPrecision(Math.abs(value) < 1 ? 4 : 6)));
  if (kind === "count" || text.includes("e")) return text;
  const least = unit === "dB" ? 1 : unit === "" && Math.abs(value) < 10 ? 2 : 0;
  const decimals = text.split(".")[1]?.length ?? 0;
  return decimals < least ? Number(text).toFixed(least) : text;
}

/** @param {number} seconds @param {number} [places] */
export function formatTime(seconds, places = 1) {
  const tenth = 10 ** places;
  const rounded = Math.round(seconds * tenth) / tenth;
  const minutes = Math.floor(rounded / 60);
  return `${minutes}:${(rounded - 60 * minutes).toFixed(places).padStart(places ? places + 3 : 2, "0")}`;
}

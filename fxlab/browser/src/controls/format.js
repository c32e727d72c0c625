/** Values as text with their units, for display, for screen readers and for number fields. */

/** Round to significant digits, never in exponential notation. @param {number} value @param {number} digits */
function toSignificant(value, digits) {
  if (value === 0) return "0";
  const decimals = Math.max(
    0,
    digits - 1 - Math.floor(Math.log10(Math.abs(Number(value.toPrecision(digits))))),
  );
  return value.toFixed(Math.min(decimals, 6));
}

/**
 * Return a number with its unit, such as "1.20 kHz", "+3.0 dB" or "0.71".
 *
 * @param {number} value
 * @param {string} unit
 */
export function formatQuantity(value, unit) {
  if (!Number.isFinite(value)) return String(value);
  if (unit === "Hz") {
    const inKilohertz = Math.abs(Number(value.toPrecision(3))) >= 1000;
    return inKilohertz ? `${toSignificant(value / 1000, 3)} kHz` : `${toSignificant(value, 3)} Hz`;
  }
  if (unit === "dB") {
    const tenths = Math.round(value * 10) / 10 || 0;
    return `${tenths > 0 ? "+" : ""}${tenths.toFixed(1)} dB`;
  }
  if (unit === "ms" && Math.abs(value) >= 1000) return `${toSignificant(value / 1000, 3)} s`;
  if (unit === "") return Math.abs(value) < 10 ? value.toFixed(2) : toSignificant(value, 3);
  return `${toSignificant(value, 3)}${unit === "°" ? "" : " "}${unit}`;
}

/**
 * Return a parameter's value as text.
 *
 * @param {import("../types").Value} value
 * @param {{ kind: string, unit: string, zero_is_automatic?: boolean }} param
 */
export function formatValue(value, { kind, unit, zero_is_automatic: zeroIsAutomatic }) {
  if (zeroIsAutomatic && value === 0) return "auto";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value !== "number") return String(value);
  if (kind === "count") return unit ? `${value} ${unit}` : String(value);
  return formatQuantity(value, unit);
}

/**
 * Return the text of a number field: all digits that a person would type, but no binary rounding errors. It is empty for
 * a value that follows from others, since the field then shows its placeholder.
 *
 * @param {number} value
 * @param {{ kind: string, unit: string, zero_is_automatic?: boolean }} param
 */
export function formatForField(value, { kind, unit, zero_is_automatic: zeroIsAutomatic }) {
  if (zeroIsAutomatic && value === 0) return "";
  const text = String(Number(value.toPrecision(Math.abs(value) < 1 ? 4 : 6)));
  if (kind === "count" || text.includes("e")) return text;
  const minDecimals = unit === "dB" ? 1 : unit === "" && Math.abs(value) < 10 ? 2 : 0;
  const decimals = text.split(".")[1]?.length ?? 0;
  return decimals < minDecimals ? Number(text).toFixed(minDecimals) : text;
}

/** Return a time as minutes and seconds, such as "1:15.3". @param {number} seconds @param {number} [decimals] */
export function formatTime(seconds, decimals = 1) {
  const factor = 10 ** decimals;
  const rounded = Math.round(seconds * factor) / factor;
  const minutes = Math.floor(rounded / 60);
  return `${minutes}:${(rounded - 60 * minutes).toFixed(decimals).padStart(decimals ? decimals + 3 : 2, "0")}`;
}

/** Return a number of channels in words, such as "stereo". @param {number} channels */
export const describeChannels = (channels) => ["", "mono", "stereo"][channels] ?? `${channels} channels`;

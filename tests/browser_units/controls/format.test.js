import { describe, expect, it } from "vitest";
import {
  formatForField,
  formatQuantity,
  formatTime,
  formatValue,
} from "../../../fxlab/browser/src/controls/format.js";

describe("values as text", () => {
  it.each([
    [1200, "Hz", "1.20 kHz"],
    [999.6, "Hz", "1.00 kHz"],
    [20, "Hz", "20.0 Hz"],
    [440, "Hz", "440 Hz"],
    [12500, "Hz", "12.5 kHz"],
    [0.5, "Hz", "0.500 Hz"],
    [3, "dB", "+3.0 dB"],
    [-12.25, "dB", "-12.2 dB"],
    [0, "dB", "0.0 dB"],
    [-0.04, "dB", "0.0 dB"],
    [0.714, "", "0.71"],
    [12.345, "", "12.3"],
    [5, "ms", "5.00 ms"],
    [1500, "ms", "1.50 s"],
    [50, "%", "50.0 %"],
    [100, "%", "100 %"],
    [0, "ms", "0 ms"],
  ])("%f %s is %s", (value, unit, text) => {
    expect(formatQuantity(value, unit)).toBe(text);
  });

  it("formats switches, choices and counts", () => {
    expect(formatValue(true, { kind: "switch", unit: "" })).toBe("on");
    expect(formatValue("highpass", { kind: "choice", unit: "" })).toBe("highpass");
    expect(formatValue(4, { kind: "count", unit: "" })).toBe("4");
    expect(formatValue(4, { kind: "count", unit: "bits" })).toBe("4 bits");
  });

  it("fills a number field with a text that it parses to the same number", () => {
    const number = { kind: "number", unit: "" };
    expect(formatForField(0.6532, number)).toBe("0.6532");
    expect(formatForField(0.1 + 0.2, number)).toBe("0.30");
    expect(formatForField(3, { kind: "number", unit: "dB" })).toBe("3.0");
    expect(formatForField(22050, { kind: "number", unit: "Hz" })).toBe("22050");
    expect(formatForField(4, { kind: "count", unit: "" })).toBe("4");
    for (const value of [1e-9, 0.001, 3.25, 123456, 1e21]) {
      expect(Number(formatForField(value, number))).toBe(value);
    }
  });

  it("shows that a value of 0 is automatic", () => {
    const hop = { kind: "count", unit: "samples", zero_is_automatic: true };
    expect(formatValue(0, hop)).toBe("auto");
    expect(formatValue(128, hop)).toBe("128 samples");
    expect(formatForField(0, hop)).toBe("");
    expect(formatForField(128, hop)).toBe("128");
  });

  it("formats times", () => {
    expect(formatTime(0)).toBe("0:00.0");
    expect(formatTime(9.96)).toBe("0:10.0");
    expect(formatTime(59.97)).toBe("1:00.0");
    expect(formatTime(75.25, 2)).toBe("1:15.25");
    expect(formatTime(75, 0)).toBe("1:15");
  });
});

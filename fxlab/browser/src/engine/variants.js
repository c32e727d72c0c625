/** A program for each combination of choices, switches and counts, which change the operations of a module. */

/**
 * @import { Coefficients, ParameterValue, Processor, Program } from "./program"
 */

/**
 * Return the program that runs the variant of the current values. The first variant is that of the module as it was
 * compiled; its properties are those of the result.
 *
 * @param {string[]} paths the parameters that distinguish the variants
 * @param {{ values: ParameterValue[], make: () => Program }[]} variants
 * @returns {Program}
 */
export function combineVariants(paths, variants) {
  /** @type {Program[]} */
  const programs = [];
  /** @param {number} number */
  const program = (number) => {
    programs[number] ??= variants[number].make();
    return programs[number];
  };
  const first = program(0);

  /** @param {Record<string, ParameterValue>} values */
  function find(values) {
    const wanted = paths.map((path, i) => values[path] ?? variants[0].values[i]);
    const found = variants.findIndex((variant) => variant.values.every((value, i) => value === wanted[i]));
    if (found < 0)
      throw new Error(`no variant of the program has ${paths.join(", ")} = ${wanted.join(", ")}`);
    return found;
  }

  /** The variant that coefficients belong to: the length of this array, so that another variant has another shape. */
  const numberOf = (/** @type {Coefficients} */ { variant }) => variant.length - 1;

  /** The length of the complete output, which may differ between variants. @param {Coefficients} coefficients */
  function lengthOf(coefficients) {
    const { outputLength, outputSize = 0 } = program(numberOf(coefficients));
    return outputLength?.(coefficients) ?? outputSize;
  }

  /** The processors of the variants, by the processor that runs them. @type {WeakMap<Processor, Processor[]>} */
  const parts = new WeakMap();

  return {
    ...first,
    parameters: [...first.parameters, ...paths],
    steps: [...first.steps, "variant"],
    design(values) {
      const number = find(values);
      return { ...program(number).design(values), variant: new Float64Array(number + 1) };
    },
    ...(first.live ? {} : { outputLength: lengthOf }),
    movement: (coefficients) => program(numberOf(coefficients)).movement?.(coefficients),
    response: (coefficients) => program(numberOf(coefficients)).response(coefficients),
    createProcessor() {
      /** @type {Processor[]} */
      const own = [];
      /** @param {number} number */
      const at = (number) => {
        own[number] ??= program(number).createProcessor();
        return own[number];
      };
      /** @type {Processor} */
      const processor = {
        process(input, output, coefficients, position) {
          const part = at(numberOf(coefficients));
          part.process(input, output, coefficients, position);
          if (part.drawings) processor.drawings = part.drawings;
        },
        get states() {
          return own.flatMap(({ states }) => states);
        },
        copyState(other) {
          for (const [number, part] of (parts.get(other) ?? []).entries())
            if (part) at(number).copyState(part);
        },
        reset() {
          for (const part of own) part?.reset();
        },
      };
      parts.set(processor, own);
      return processor;
    },
  };
}

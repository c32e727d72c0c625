// What a bundle imports as text, and the few names that an AudioWorklet's global scope adds.
declare module "*.css" {
  const text: string;
  export default text;
}
declare module "*?raw" {
  const text: string;
  export default text;
}
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
  constructor(options?: AudioWorkletNodeOptions);
}
declare function registerProcessor(
  name: string,
  processor: new (options: AudioWorkletNodeOptions) => AudioWorkletProcessor,
): void;

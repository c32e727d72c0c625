// Records what a page plays: every connection to a destination is duplicated to an analyser, which tests read, and to a
// recorder, which keeps each sample. This script runs before any script of the page.
(() => {
  const RECORDER = `registerProcessor('audio-probe', class extends AudioWorkletProcessor {
    constructor() {
      super();
      this.on = false;
      this.port.onmessage = event => { this.on = event.data; if (!event.data) this.port.postMessage(null); };
    }
    process([input]) {
      if (this.on) this.port.postMessage(input.length ? input.map(c => c.slice()) : [new Float32Array(128)]);
      return true;
    }
  })`;
  const BLOCK = 128;
  const connect = AudioNode.prototype.connect;
  const probes = new Map();
  let wantsRecorder = false;

  function probeOf(context) {
    if (probes.has(context)) return probes.get(context);
    const analyser = new AnalyserNode(context, {
      fftSize: 8192,
      smoothingTimeConstant: 0,
      minDecibels: -140,
    });
    const probe = { context, analyser, sources: [], recorder: null, blocks: [] };
    probes.set(context, probe);
    if (wantsRecorder) addRecorder(probe);
    return probe;
  }

  // A strict Content-Security-Policy forbids this, so only tests that record do it.
  async function addRecorder(probe) {
    const { context } = probe;
    if (!context.audioWorklet || probe.isLoading) return;
    probe.isLoading = true;
    await context.audioWorklet.addModule(
      URL.createObjectURL(new Blob([RECORDER], { type: "text/javascript" })),
    );
    probe.recorder = new AudioWorkletNode(context, "audio-probe", { channelCountMode: "max" });
    connect.call(probe.recorder, context.destination);
    for (const [node, output] of probe.sources) connect.call(node, probe.recorder, output);
  }

  AudioNode.prototype.connect = function (target, output = 0, ...rest) {
    if (target instanceof AudioDestinationNode) {
      const probe = probeOf(this.context);
      probe.sources.push([this, output]);
      connect.call(this, probe.analyser, output);
      if (probe.recorder) connect.call(this, probe.recorder, output);
    }
    return connect.call(this, target, output, ...rest);
  };

  const running = () => [...probes.values()].filter((probe) => probe.context.state === "running");
  const current = () =>
    running()[0] ?? [...probes.values()].find((probe) => probe.context.state !== "closed");
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));

  window.audioProbe = {
    rate: () => current().context.sampleRate,
    clock: () => current().context.currentTime,
    contexts: () => [...probes.keys()].map((context) => context.state),
    // Forget the closed contexts, and return how many others there are.
    forget() {
      for (const context of probes.keys()) if (context.state === "closed") probes.delete(context);
      return probes.size;
    },
    // The level in dBFS of all that plays.
    level() {
      let power = 0;
      for (const probe of running()) {
        const block = new Float32Array(probe.analyser.fftSize);
        probe.analyser.getFloatTimeDomainData(block);
        power += block.reduce((sum, value) => sum + value * value, 0) / block.length;
      }
      return 10 * Math.log10(power + 1e-20);
    },
    // The sample rate, and the mean spectrum of some frames in dB.
    async spectrum(frames) {
      const probe = running()[0];
      const total = new Float64Array(probe.analyser.frequencyBinCount);
      for (let frame = 0; frame < frames; frame++) {
        const bins = new Float32Array(probe.analyser.frequencyBinCount);
        probe.analyser.getFloatFrequencyData(bins);
        bins.forEach((value, index) => {
          total[index] += 10 ** (Math.max(value, -140) / 10) / frames;
        });
        await wait(60);
      }
      return [probe.context.sampleRate, [...total].map((value) => 10 * Math.log10(value))];
    },
    // Start recording.
    async start() {
      wantsRecorder = true;
      for (const probe of probes.values()) addRecorder(probe);
      while (!current()?.recorder) await wait(10);
      const probe = current();
      probe.blocks = [];
      probe.ended = new Promise((done) => {
        probe.recorder.port.onmessage = (event) => (event.data ? probe.blocks.push(event.data) : done());
      });
      probe.recorder.port.postMessage(true);
    },
    // How many frames have been recorded.
    recorded: () => current().blocks.length * BLOCK,
    // Stop recording, and return the samples of each channel in base64.
    async stop() {
      const probe = current();
      probe.recorder.port.postMessage(false);
      await probe.ended;
      const count = Math.max(...probe.blocks.map((block) => block.length));
      const channels = [];
      for (let channel = 0; channel < count; channel++) {
        const samples = new Float32Array(probe.blocks.length * BLOCK);
        for (const [index, block] of probe.blocks.entries()) {
          samples.set(block[Math.min(channel, block.length - 1)], index * BLOCK);
        }
        const bytes = new Uint8Array(samples.buffer);
        let text = "";
        for (let i = 0; i < bytes.length; i += 32768) {
          text += String.fromCharCode(...bytes.subarray(i, i + 32768));
        }
        channels.push(btoa(text));
      }
      return channels;
    },
  };
})();

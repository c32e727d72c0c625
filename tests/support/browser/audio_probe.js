// Heard is what reaches a destination: every connection to one is doubled, to an analyser that tests look at and to a
// recorder that keeps each sample. Runs before any script of the page.
(() => {
  const recorder = `registerProcessor('ear', class extends AudioWorkletProcessor {
    constructor() { super(); this.on = false; this.port.onmessage = e => { this.on = e.data; if (!e.data) this.port.postMessage(null); }; }
    process([input]) {
      if (this.on) this.port.postMessage(input.length ? input.map(c => c.slice()) : [new Float32Array(128)]);
      return true;
    }
  })`;
  const connect = AudioNode.prototype.connect;
  const ears = new Map();

  function earOf(context) {
    if (ears.has(context)) return ears.get(context);
    const analyser = new AnalyserNode(context, {
      fftSize: 8192,
      smoothingTimeConstant: 0,
      minDecibels: -140,
    });
    const ear = { context, analyser, sources: [], recorder: null, chunks: [] };
    ears.set(context, ear);
    if (context.audioWorklet) {
      const url = URL.createObjectURL(new Blob([recorder], { type: "text/javascript" }));
      context.audioWorklet.addModule(url).then(() => {
        ear.recorder = new AudioWorkletNode(context, "ear", { channelCountMode: "max" });
        connect.call(ear.recorder, context.destination);
        for (const [node, output] of ear.sources) connect.call(node, ear.recorder, output);
      });
    }
    return ear;
  }

  AudioNode.prototype.connect = function (target, output = 0, ...rest) {
    if (target instanceof AudioDestinationNode && this.constructor.name !== "Ear") {
      const ear = earOf(this.context);
      ear.sources.push([this, output]);
      connect.call(this, ear.analyser, output);
      if (ear.recorder) connect.call(this, ear.recorder, output);
    }
    return connect.call(this, target, output, ...rest);
  };

  const awake = () => [...ears.values()].filter((ear) => ear.context.state === "running");
  const open = () => awake()[0] ?? [...ears.values()].find((ear) => ear.context.state !== "closed");
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));

  window.ear = {
    rate: () => open().context.sampleRate,
    clock: () => open().context.currentTime,
    contexts: () => [...ears.keys()].map((context) => context.state),
    // Of what was heard and is over nothing is kept; how many contexts are left.
    forget() {
      for (const context of ears.keys()) if (context.state === "closed") ears.delete(context);
      return ears.size;
    },
    level() {
      let power = 0;
      for (const ear of awake()) {
        const block = new Float32Array(ear.analyser.fftSize);
        ear.analyser.getFloatTimeDomainData(block);
        power += block.reduce((sum, value) => sum + value * value, 0) / block.length;
      }
      return 10 * Math.log10(power + 1e-20);
    },
    async spectrum(frames) {
      const ear = awake()[0];
      const total = new Float64Array(ear.analyser.frequencyBinCount);
      for (let frame = 0; frame < frames; frame++) {
        const bins = new Float32Array(ear.analyser.frequencyBinCount);
        ear.analyser.getFloatFrequencyData(bins);
        bins.forEach((value, index) => {
          total[index] += 10 ** (Math.max(value, -140) / 10) / frames;
        });
        await wait(60);
      }
      return [ear.context.sampleRate, [...total].map((value) => 10 * Math.log10(value))];
    },
    async start() {
      while (!open()?.recorder) await wait(10);
      const ear = open();
      ear.chunks = [];
      ear.ended = new Promise((done) => {
        ear.recorder.port.onmessage = (event) => (event.data ? ear.chunks.push(event.data) : done());
      });
      ear.recorder.port.postMessage(true);
    },
    recorded: () => open().chunks.length * 128,
    async stop() {
      const ear = open();
      ear.recorder.port.postMessage(false);
      await ear.ended;
      const count = Math.max(...ear.chunks.map((chunk) => chunk.length));
      const channels = [];
      for (let channel = 0; channel < count; channel++) {
        const whole = new Float32Array(ear.chunks.length * 128);
        for (const [index, chunk] of ear.chunks.entries()) {
          whole.set(chunk[Math.min(channel, chunk.length - 1)], index * 128);
        }
        channels.push(
          [...new Uint8Array(whole.buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
        );
      }
      return channels;
    },
  };
})();

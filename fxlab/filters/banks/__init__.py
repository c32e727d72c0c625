"""Filter banks and crossovers.

`bank.Bank` is the base class: it splits a signal, sums the bands and computes their responses. A subclass defines
`design` (the sections of every band) and `layout` (the band edges and centers):

- `crossover.Crossover`: Linkwitz-Riley bands.
- `gammatone_bank.GammatoneBank`: gammatone filters, a model of the filters of the inner ear.
- `butterworth_bank.ButterworthBank`: Butterworth band-passes; a subclass defines `layout`, but not `design`. Its
  subclasses are `octave_bank.OctaveBank` (IEC 61260) and, through `spaced_bank.SpacedBank`, `mel_bank.MelBank` and
  `log_filter_bank.LogFilterBank`.

`mel_scale` converts between Hz and mels.
"""

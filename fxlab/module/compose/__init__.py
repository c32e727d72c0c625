"""Modules that consist of other modules: `Chain`, `Sum`, `Send` and `Mix`.

- `chain.py`            `Chain`, made by `a | b`; it derives from `SeriesAnalysis`
- `stage_entries.py`    `StageEntries`, a base class of `Chain`: its stages, and which are bypassed or soloed
- `series_analysis.py`  `SeriesAnalysis`: the response, delay and roots of a chain, computed from its stages
- `section_series.py`   `SectionSeries`, a base class of `Chain`: filters of sections run in one call of the engine
- `section_runs.py`     the stages of a chain that the engine runs in one call
- `mixed_series.py`     `MixedSeries`, a base class of `Chain`: stages may return or expect features instead of sounds
- `sum.py`, `mix.py`    `Sum`, made by `a + b`, and `Mix`; both derive from `Parallel`
- `send.py`             `Send`: the sum of the input and of parallel buses, each at its own level
- `branch_list.py`      `BranchList`: the base class of `Sum` and `Send`
- `parallel.py`         `Parallel`: a weighted sum of branches; its zeros come from `lti/cascade_sum.py`
- `sample_delay.py`     `SampleDelay`: the delays of aligned branches, for the analysis
"""

"""The cards of modules, signals, features, comparisons, measurements, levels, fits and controls, as MIME bundles.

- `mime_bundle.py`       the entry point, called by `_repr_mimebundle_` of each object and by the panel: draws the card
                         and returns it as text, PNG and HTML
- `card_html.py`         the picture and the HTML of the card of each kind of object, on which the bundles are built
- `*_card.py`            one file per kind of object; its `draw_…` function lays out the plots of `fxlab.display.plots`
                         on a canvas and returns a `Card`
- `card.py`              `Card`: a drawn picture with its description and notes
- `control_text.py`      values of parameters as text, also of those that move
- `module_text.py`       title, parameter values and legend of a module
- `parameter_table.py`   HTML tables, such as that of the parameters of a module
"""

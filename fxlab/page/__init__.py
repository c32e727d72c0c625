"""The live page: a panel as one HTML file that runs its module without a kernel.

- `page`         `Page`, which `panel.save` and `module.page` make, and its files
- `description`  what a page has to know of a panel: its specification, valid values, notes
- `samples`      renders in the place of a program, for a module that cannot be compiled
- `sound`        the sound of a page as a small file
- `still`        the picture that a browser without scripts shows
- `document`     the HTML
- `sphinx`       the directive `.. fxlab::`
- `compiler`     prints the computation of a module as JavaScript or C
"""

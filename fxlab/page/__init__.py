"""The live page: a panel as one HTML file that runs its module without a kernel.

- `page`         `Page`, which `module.page` returns and `panel.save` writes to a file
- `description`  the data of a panel in a page: its specification, valid values, notes
- `page_spec`    the panel's specification for a page: without views that need a kernel, with fixed values
- `samples`      renders that are played in place of a program, for a module that cannot be compiled
- `sound`        the sound of a page as a small file
- `still`        the picture that a browser without scripts shows
- `document`     the HTML
- `site`         the element and the files of a panel in a site
- `notebook_output`  the output of a panel in a notebook that is executed for a site
- `sphinx`       the directive `.. fxlab::`, and the panels of notebooks
- `compiler`     prints the computation of a module as JavaScript or C
"""

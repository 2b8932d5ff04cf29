"""The evaluation report: figures, plots and the worst errors on one page; begin at ``report``.

``report``          files and a model in, a page and its figures out
``report_figures``  everything that the page shows, as one object
``report_page``     that object as HTML
``plots``           its drawings
``slices``          the figures by region, style, length and so on
``robustness``      the same utterances misheard, or with an agent's line mixed in
``deletion``        whether evidence matters: answers without it
``learning_curve``  whether more speakers would help
"""

"""What may be wrong with labelled data; begin reading at ``checks``.

``checks``           all checks over files, in one run
``row_checks``       what one row alone shows
``near_duplicates``  texts that are nearly alike
``skeletons``        rows made from one template
``telling_words``    words that give a label away; ``word_table`` counts them
``agreement``        how far two readers give the same labels
``check_report``     what was found, for people and programs
"""

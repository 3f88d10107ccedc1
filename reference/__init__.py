"""A small real implementation of `GET /mana_api/vm`: SQLite, tokens, paging, every reading of the document.

Start it with `python -m reference`; `--help` tells the rest. From the inside out:

    model      what the service speaks of: machines, tenants, places, refusals
    readings   how each open place of the document is settled
    paging     `f` and `t` to a window of the list
    store      the database, in memory or in a file
    fleet      the made-up world that a new database is filled with
    tokens     tokens and passwords: made up, kept, checked
    keystone   tokens that a Keystone looks up instead
    login      `POST /mana_api/tokens`, after Keystone's v2 form
    present    machines and refusals to JSON, under the readings
    service    the decision: an ask to a list of machines, or to a refusal
    app        the service over WSGI
    server     the WSGI application on a loopback port, until told to stop
    churn      machines that come and go while the server runs
    mutant     what a fault is that this server can be started with, and where it can sit
    mutants    those faults, from the modules `mutants_...`, each about one part of the service
"""

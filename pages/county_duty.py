"""County duty: what the county owes its townships, what it asks of them, and the appeals."""

import streamlit as st

from pages.shared import panels, results
from pages.shared.assessment import county_panels, parts
from pages.shared.duty import duty_panels, registry_panels
from pages.shared.importing import uploads
from pages.shared.screen import page
from pages.shared.words import of_counties

with page("county_duty") as scope:
    uploads.said_before()
    card = results.get("assessment.township_card.card", scope)
    parts.which_framework(card.framework, scope)
    duty_panels.headline(card.duty)
    panels.draw(parts.duty_panel(card.duty), scope, parts.contributions(card.duty))
    compared = st.container()
    asked = results.get("duty.burden.by_issuer", scope)
    panels.draw(duty_panels.burden_panel(asked), scope, duty_panels.burden(asked))
    panels.draw(registry_panels.caps_panel(results.get("duty.burden.registry", scope)), scope)
    same = results.get("duty.burden.same_quarter", scope)
    panels.draw(registry_panels.quarters_panel(same), scope, folded=True)
    merge = results.get("duty.burden.merge_suggestions", scope)
    panels.draw(duty_panels.merge_panel(merge), scope, folded=True)
    panels.draw(
        duty_panels.tasks_panel(results.get("duty.burden.tasks", scope)), scope, folded=True
    )
    unused = results.get("duty.burden.unused_powers", scope)
    panels.draw(duty_panels.powers_panel(unused), scope, folded=True)
    joined = results.get("duty.burden.powers_and_tasks", scope)
    panels.draw(registry_panels.powers_and_tasks_panel(joined), scope, folded=True)
    own = results.get("duty.collection.own_burden", scope)
    panels.draw(registry_panels.own_panel(own), scope, folded=True)
    held = duty_panels.held(scope)
    panels.draw(duty_panels.appeals_panel(held, duty_panels.in_time(scope)), scope)
    duty_panels.decide(held, scope)
    if of_counties():  # last, as each is worked out by itself; it stands below the card
        with compared:
            county_panels.draw_duties(card.duty, scope)

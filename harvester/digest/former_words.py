"""The words of editions that were stored before editions kept their words.

They never change: what was sent with them is rendered with them again.
"""

from __future__ import annotations

from harvester.digest.words import Words

FORMER_WORDS = Words(
    labels={
        "conditions": {
            "treatment-resistant-depression": "treatment-resistant depression",
            "depression": "depression",
            "bipolar": "bipolar disorder",
            "suicidality": "suicidality",
            "postpartum-depression": "postpartum depression",
            "ptsd": "PTSD",
            "anxiety": "anxiety",
            "ocd": "OCD",
            "alcohol-use": "alcohol use",
            "substance-use": "substance use",
            "eating-disorder": "eating disorders",
            "psychosis": "psychosis",
            "autism": "autism",
            "dementia": "dementia",
            "delirium": "delirium",
            "pain": "pain",
            "palliative": "palliative care",
            "healthy-volunteers": "healthy volunteers",
        }
    },
    broader={
        "treatment-resistant-depression": "depression",
        "postpartum-depression": "depression",
        "alcohol-use": "substance-use",
    },
    precedence=(
        "postpartum-depression",
        "ocd",
        "ptsd",
        "eating-disorder",
        "autism",
        "alcohol-use",
        "substance-use",
        "psychosis",
        "bipolar",
        "suicidality",
        "treatment-resistant-depression",
        "anxiety",
        "depression",
        "dementia",
        "delirium",
        "palliative",
        "pain",
        "healthy-volunteers",
    ),
    is_nested=False,
)

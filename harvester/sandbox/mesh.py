"""A small part of the MeSH tree, as far as searches on ketamine in mental health reach.

A search for a heading finds the narrower ones too.  Real PubMed knows all 30,000 headings; this server knows those
here and those of its corpus, and calls the others not found, as PubMed does with a misspelt one.
"""

from __future__ import annotations

from collections.abc import Iterator

# Broader heading: its narrower ones (NLM's MeSH browser, tree numbers F01, F03, D02, D27; abridged).
_NARROWER: dict[str, tuple[str, ...]] = {
    "Mental Disorders": (
        "Anxiety Disorders",
        "Bipolar and Related Disorders",
        "Disruptive, Impulse Control, and Conduct Disorders",
        "Dissociative Disorders",
        "Feeding and Eating Disorders",
        "Mood Disorders",
        "Neurocognitive Disorders",
        "Neurodevelopmental Disorders",
        "Personality Disorders",
        "Schizophrenia Spectrum and Other Psychotic Disorders",
        "Sleep Wake Disorders",
        "Somatoform Disorders",
        "Substance-Related Disorders",
        "Trauma and Stressor Related Disorders",
    ),
    "Mood Disorders": ("Depressive Disorder", "Cyclothymic Disorder", "Affective Disorders, Psychotic"),
    "Depressive Disorder": (
        "Depression, Postpartum",
        "Depressive Disorder, Major",
        "Depressive Disorder, Treatment-Resistant",
        "Dysthymic Disorder",
        "Premenstrual Dysphoric Disorder",
        "Seasonal Affective Disorder",
    ),
    "Bipolar and Related Disorders": ("Bipolar Disorder",),
    "Anxiety Disorders": ("Agoraphobia", "Obsessive-Compulsive Disorder", "Panic Disorder", "Phobic Disorders"),
    "Phobic Disorders": ("Phobia, Social",),
    "Trauma and Stressor Related Disorders": ("Adjustment Disorders", "Stress Disorders, Traumatic"),
    "Stress Disorders, Traumatic": ("Stress Disorders, Post-Traumatic", "Stress Disorders, Traumatic, Acute"),
    "Substance-Related Disorders": (
        "Alcohol-Related Disorders",
        "Amphetamine-Related Disorders",
        "Cocaine-Related Disorders",
        "Marijuana Abuse",
        "Opioid-Related Disorders",
        "Phencyclidine Abuse",
    ),
    "Alcohol-Related Disorders": ("Alcoholism", "Alcoholic Intoxication"),
    "Feeding and Eating Disorders": ("Anorexia Nervosa", "Binge-Eating Disorder", "Bulimia Nervosa"),
    "Neurocognitive Disorders": ("Delirium", "Dementia", "Postoperative Cognitive Complications"),
    "Delirium": ("Emergence Delirium",),
    "Dementia": ("Alzheimer Disease",),
    "Neurodevelopmental Disorders": ("Attention Deficit Disorder with Hyperactivity", "Autism Spectrum Disorder"),
    "Schizophrenia Spectrum and Other Psychotic Disorders": ("Psychotic Disorders", "Schizophrenia"),
    "Behavioral Symptoms": (
        "Aggression",
        "Anhedonia",
        "Catatonia",
        "Depression",
        "Self-Injurious Behavior",
        "Stress, Psychological",
    ),
    "Self-Injurious Behavior": ("Self Mutilation", "Suicide"),
    "Suicide": ("Suicidal Ideation", "Suicide, Attempted", "Suicide, Completed", "Suicide Prevention"),
    "Antidepressive Agents": (
        "Antidepressive Agents, Second-Generation",
        "Antidepressive Agents, Tricyclic",
        "Antimanic Agents",
    ),
    "Cyclohexanes": ("Ketamine", "Phencyclidine"),
    "Ketamine": ("Esketamine",),
    "Animals": ("Humans", "Mice", "Rats", "Dogs", "Horses"),
    "Mice": ("Mice, Inbred C57BL",),
    "Rats": ("Rats, Sprague-Dawley", "Rats, Wistar"),
    "Psychotherapy": ("Cognitive Behavioral Therapy", "Mindfulness"),
    "Hallucinogens": ("Lysergic Acid Diethylamide", "Psilocybin"),
}
# PubMed derives [Pharmacological Action] from the substances of a record; the XML does not hold it.
ACTIONS: dict[str, tuple[str, ...]] = {
    "Antidepressive Agents": (
        "Bupropion",
        "Citalopram",
        "Escitalopram",
        "Fluoxetine",
        "Sertraline",
        "Venlafaxine Hydrochloride",
    ),
    "Anesthetics, Dissociative": ("Ketamine", "Phencyclidine"),
    "Excitatory Amino Acid Antagonists": ("Ketamine", "Memantine", "Phencyclidine"),
    "Hypnotics and Sedatives": ("Dexmedetomidine", "Midazolam", "Propofol"),
    "Antipsychotic Agents": ("Aripiprazole", "Olanzapine", "Quetiapine Fumarate"),
}
# Supplementary concepts, which are substances and no headings.
SUBSTANCES = ("Esketamine", "arketamine", "norketamine", "hydroxynorketamine")

_BY_FOLDED = {
    name.casefold(): name
    for name in (*_NARROWER, *(part for parts in _NARROWER.values() for part in parts), *SUBSTANCES, *ACTIONS)
}


def is_known(name: str) -> bool:
    """Whether a heading, substance or action is in the part of MeSH that the server knows."""
    return name.casefold() in _BY_FOLDED


def with_narrower(name: str) -> Iterator[str]:
    """Yield a heading and everything below it."""
    known = _BY_FOLDED.get(name.casefold(), name)
    yield known
    for part in _NARROWER.get(known, ()):
        yield from with_narrower(part)


def substances_with_action(name: str) -> tuple[str, ...]:
    """Return the substances that have a pharmacological action; empty for an action the server does not know."""
    known = _BY_FOLDED.get(name.casefold(), name)
    return ACTIONS.get(known, ())

"""What customers write: a few sentences per subject and language."""

COMMENTS: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {
    ("delivery", "bad"): {
        "en": ("The boxes came late again.", "Late, and nobody told us.", "Late: boxes came after Monday's meeting."),
        "de": (
            "Die Kisten kamen wieder verspätet.",
            "Verspätet, und keiner sagt Bescheid.",
            "Lieferung schon wieder verspätet.",
        ),
        "fr": (
            "Les cartons sont encore arrivés en retard.",
            "Livraison en retard, sans nouvelles.",
            "Toujours en retard.",
        ),
    },
    ("app", "bad"): {
        "en": ("The app logs me out all the time.", "I cannot find where to change the address."),
        "de": ("Die App meldet mich ständig ab.", "Ich finde nicht, wo ich die Adresse ändere."),
        "fr": ("L'application me déconnecte sans cesse.", "Impossible de trouver où changer l'adresse."),
    },
    ("billing", "bad"): {
        "en": (
            "Too expensive for what it is.",
            "Where is my refund?",
            "My card was refused though it works elsewhere.",
        ),
        "de": ("Zu teuer geworden.", "Wo bleibt meine Erstattung?", "Karte abgelehnt, obwohl sie sonst geht."),
        "fr": ("Trop cher maintenant.", "Où est mon remboursement ?", "Ma carte a été refusée."),
    },
    ("machine-service", "bad"): {
        "en": ("The machine leaked for two weeks.", "We wait for the spare part."),
        "de": ("Die Maschine hat zwei Wochen getropft.", "Wir warten auf das Ersatzteil."),
        "fr": ("La machine a fui pendant deux semaines.", "Nous attendons la pièce."),
    },
    ("checkout", "bad"): {
        "en": ("I had to enter my address three times.",),
        "de": ("Ich musste meine Adresse dreimal eingeben.",),
        "fr": ("J'ai dû saisir mon adresse trois fois.",),
    },
    ("", "good"): {
        "en": ("Pause with one tap, love it.", "Great coffee, always fresh.", "Friendly people."),
        "de": ("Pause mit einem Tipp, wunderbar.", "Toller Kaffee, immer frisch.", "Sehr nette Leute."),
        "fr": ("La pause en un geste, génial.", "Très bon café, toujours frais.", "Des gens aimables."),
    },
    ("", "fine"): {
        "en": ("Good, could be a little cheaper.", "All right so far."),
        "de": ("Gut, könnte etwas günstiger sein.", "Bisher in Ordnung."),
        "fr": ("Bien, pourrait être un peu moins cher.", "Correct jusqu'ici."),
    },
    ("help", "bad"): {
        "en": ("I had to explain it twice.", "It took too long."),
        "de": ("Ich musste es zweimal erklären.", "Das hat zu lange gedauert."),
        "fr": ("J'ai dû l'expliquer deux fois.", "C'était trop long."),
    },
    ("help", "good"): {
        "en": ("Quick and friendly.", "Solved at once, thank you."),
        "de": ("Schnell und freundlich.", "Sofort gelöst, danke."),
        "fr": ("Rapide et aimable.", "Résolu tout de suite, merci."),
    },
}

REVIEWS: dict[str, dict[str, tuple[tuple[str, str], ...]]] = {
    "good": {
        "en": (
            ("Great app", "Pausing takes one tap, the coffee is excellent."),
            ("Love it", "Fresh beans every month."),
        ),
        "de": (("Tolle App", "Pausieren mit einem Tipp, toller Kaffee."), ("Gern wieder", "Immer frische Bohnen.")),
        "fr": (("Super appli", "Pause en un geste et café excellent."), ("J'adore", "Des grains frais chaque mois.")),
    },
    "fine": {
        "en": (("Okay", "Does what it should, a bit slow at times."),),
        "de": (("In Ordnung", "Macht, was sie soll, manchmal etwas langsam."),),
        "fr": (("Correct", "Fait ce qu'il faut, parfois un peu lent."),),
    },
    "bad": {
        "en": (("Logs me out", "I have to log in every single time."), ("Late", "The new bag came too late.")),
        "de": (("Ständig abgemeldet", "Jedes Mal neu anmelden."), ("Verspätet", "Die neue Tüte kam zu spät.")),
        "fr": (("Déconnexions", "Il faut toujours se reconnecter."), ("En retard", "Le paquet est arrivé trop tard.")),
    },
}

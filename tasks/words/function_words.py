"""Words that hold sentences together and say nothing by themselves: no term begins or ends with one."""

from typing import Final

_ENGLISH: Final = """a about after again all also am an and any are as at back be because been before being but by can
could did do does doing down even for from get got had has have having he her here him his how i if in into is it it's
its i'm i've just me more most much my no not now of off on one only or other our out over own really she so some
still such than that that's the their them then there these they this those through to too up us very was we well were
what when where which while who why will with would you your don't didn't"""
_GERMAN: Final = """aber alle alles als am an auch auf aus bei bin bis bist da damit dann das dass dem den der des die
dir doch du durch ein eine einem einen einer eines er es euch für ganz gar habe haben hat hatte hier ich ihr ihre
ihren im immer in ist ja jetzt kann kein keine man mehr mein meine mich mir mit nach nicht noch nun nur ob oder schon
sehr sein sich sie sind so über um und uns unser unter vom von vor war waren was weil wenn wer werden wie wieder wir
wird wo zu zum zur zwar"""
_FRENCH: Final = """ai au aussi aux avec avoir ce cela ces cette c'est dans de des deux donc du elle en encore est et
était été être eux fait il ils j'ai je la le les leur leurs lui ma mais me même mes moi mon ne nos notre nous on ont
ou où par pas plus pour qu que qui sa sans se ses si son sont sur ta te tes toi ton tout très tu un une vos votre vous
y"""
_SPANISH: Final = """al algo como con cual cuando de del desde donde el él ella ellos en era es esa ese eso esta está
este esto ha han hasta hay la las le les lo los más me mi mis muy nada ni no nos nosotros o para pero por porque que
qué se ser si sí sin sobre son su sus también te tengo tiene todo tu tus un una unos y ya yo"""
_ITALIAN: Final = """a abbiamo ai al alla anche che ci come con cui da dal dalla dei del della delle di dove e è ed
era gli ha hanno ho i il in io la le lei lo loro lui ma mi mia mio molto nei nel nella noi non nostro o per perché più
quando questa questo se sei si sono su sua suo tra tu un una uno vi voi"""
_DUTCH: Final = """aan al als bij dan dat de den der deze die dit door dus een en er ge geen had heb hebben heeft het
hier hij hoe ik in is je kan maar me meer met mij mijn na naar niet nog nu of om onder ons ook op over te tot u uit
van veel voor waar was wat we wel werd wij zal ze zeer zich zij zijn zo zou"""
_PORTUGUESE: Final = """a ao aos as com como da das de dele do dos e é ela ele em era essa esse esta está este eu foi
há isso isto já lhe mais mas me meu minha muito na não nas nem no nos nós o os ou para pela pelo por porque que quem
se sem ser seu sua são só também te tem um uma você"""
FUNCTION_WORDS: Final = frozenset(
    f"{_ENGLISH} {_GERMAN} {_FRENCH} {_SPANISH} {_ITALIAN} {_DUTCH} {_PORTUGUESE}".split()
)

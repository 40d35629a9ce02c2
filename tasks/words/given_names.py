"""Given names that are common in German, and are no other German word: there every noun is capital, a name is not seen.

The commonest of people who live in Germany, Austria and Switzerland, of all ages and origins, as registry offices and
the statistics of each year list them. Left out are names that are also words (Ernst, Frank, Heide, Iris, Kai, Mark,
Roman, Rose, Wolf …): there a theme would be lost more often than a person is shown.
"""

from typing import Final

_WOMEN: Final = """adelheid agnes alexandra alice alina amelie amira amy andrea angela angelika anika anita anja anke
anna annalena anne annegret anneliese annemarie annett annette annika antje antonia astrid aylin ayse barbara beate
beatrice bettina bianca birgit birgitt birte brigitte britta brunhilde carina carla carmen carola caroline catharina
charlotte christa christel christiane christin christina christine clara claudia conny constanze cornelia dagmar
daniela doris dorothea dörte edith elena eleonore elif elisa elisabeth elke ella ellen elfriede elsbeth emilia emily
emine emma erna esra esther eva evelyn fatima fatma fiona frauke frieda friederike gabi gabriele gerda gertrud
gisela greta gudrun hanna hannah hannelore hatice hedwig heidi heidrun heike helene helga henriette hildegard ilona
ilse ines inga inge ingeborg ingrid irene irina irmgard isabel isabell isabella isabelle jacqueline jana janina
janine jennifer jenny jessica jessika joana johanna jolina jule julia juliane jutta karin karina karla karolin
karoline katarina katharina kathrin kathleen katja katrin kerstin kirsten klara kristin kristina larissa laura lea
leila lena leni leonie leyla lieselotte lilli lilly lina linda lisa liselotte lotte louisa louise lucia lucie luisa
luise lydia magdalena maike maja mandy manuela mareike margarete margit margot margret maria mariam marianne marie
marion marlene marlies martha martina mathilda mechthild meike melanie melina melissa meryem mia michaela
michelle mila miriam mona monika monique nadine nadja natalia natalie nathalie nele nicole nina nora olga paula pauline
petra pia ramona rebecca rebekka regina regine renate rita romy rosemarie ruth sabine sabrina sandra sara sarah saskia
selina sibylle sieglinde sigrid silke silvia simone sina sonja sophia sophie stefanie steffi stella stephanie susann
susanne svenja svetlana sybille sylvia tamara tanja tatjana teresa theresa theresia tina traute trude ulrike ursula
ute valentina vanessa vera verena veronika victoria viktoria waltraud wiebke wilhelmine yasmin yvonne zeynep zoe"""
_MEN: Final = """achim achmed adam adrian ahmed ahmet albert alessandro alex alexander alfons alfred ali alois andré
andreas andrej anton antonio arne arnold artur arthur axel bastian ben benedikt benjamin bernd bernhard björn boris
carlos carsten chris christian christof christoph claus clemens constantin cornelius damian daniel danilo david denis
dennis detlef dieter dietmar dietrich dimitri dirk dominic dominik eberhard eckhard edgar eduard egon elias emil emilio
emre erhard eric erich erik erwin eugen fabian fabio felix ferdinand finn florian francesco franz fred frederik
friedhelm friedrich fritz gabriel georg gerald gerd gerhard gernot giovanni giuseppe gregor guido gunnar gustav günter
günther hannes hans harald harry hartmut hasan hassan heiko heiner heinrich heinz hektor helmut helmuth hendrik henri
henrik henry herbert hermann holger horst hubert hugo husein hüseyin ibrahim igor ingo ismail ivan jakob jannik jannis
jason jens jochen joachim johann johannes jonas jonathan jonathon josef joseph joshua julian julius jürgen justin jörg
jörn karlheinz karsten kemal kevin klaus knut konrad konstantin kristian kurt lars lasse lennard lennart leo leon
leonard leonhard liam linus lorenz louis luca luca lukas luis lutz maik malte manfred manuel marc marcel marco
marcus mario marius markus marlon martin marvin mateo matteo matthias mathias max maximilian mehmet micha michael
michel mika mike milan mirko mohamed mohammad mohammed moritz murat mustafa nico nicolas niklas niko nikolai nikolaus
nils noah norbert norman olaf ole oliver omar oskar osman otmar ottmar ottokar pascal patrick paul peter philip philipp
philippe piotr rafael raimund rainer ralf ralph raphael reinhard reinhold rené reiner ricardo richard rico robert
roberto robin rolf roland ronald ronny rudi rudolf rupert rüdiger sascha samuel salvatore sebastian semih sergej
siegbert siegfried siegmund simon stefan steffen stephan steven sven sönke theo theodor thomas thorben thorsten
thorge tilmann tim timo tobias tom tomasz torben torsten udo ulf uli ulrich uwe valentin viktor vincent vladimir volker
walter waldemar werner wilfried wilhelm willi willy winfried wladimir wolfgang yannick yusuf"""
GIVEN_NAMES: Final = frozenset(f"{_WOMEN} {_MEN}".split())

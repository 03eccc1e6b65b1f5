"""French full text search: how words are read, and the tables that it goes over."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

import broadcasts.models.search
import guests.models

# `french` knows that « policière » is a « policier », but only with its accents; `fr` does without
# them, and takes stop words out before the accents go (« à » is no « a »). Both stand in a vector.
#
# `search_plain` takes out what the parser would read more into: hyphens (« gilets-jaunes »),
# decimals (« 49.3 »), slashes and dots (files and hosts), < > (tags), curly apostrophes, ligatures;
# and it makes one word of « B.A.C. ».
FUNCTIONS = r"""
CREATE TEXT SEARCH DICTIONARY public.french_stop (
    TEMPLATE = pg_catalog.simple, STOPWORDS = french, ACCEPT = false
);
CREATE TEXT SEARCH CONFIGURATION public.fr (COPY = pg_catalog.french);
ALTER TEXT SEARCH CONFIGURATION public.fr
    ALTER MAPPING FOR asciiword, word, numword, asciihword, hword, numhword,
        hword_asciipart, hword_part, hword_numpart
    WITH public.french_stop, public.unaccent, pg_catalog.french_stem;

CREATE FUNCTION search_plain(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$
SELECT replace(replace(replace(replace(
    translate(
        regexp_replace($1, '\m([[:upper:]])\.(?=[[:upper:]]\M)', '\1', 'g'),
        E'<>()[]{}/\\|.,:;!?-_@&#*+=%~^`"''\u2019\u02BC\u2018\u00AB\u00BB\u201C\u201D'
        '\u2026\u2010\u2011\u2013\u2014\u00B7\u2022\u00A0\u202F\u00AD\u200B',
        repeat(' ', 47)
    ),
    'œ', 'oe'), 'Œ', 'Oe'), 'æ', 'ae'), 'Æ', 'Ae')
$$;

CREATE FUNCTION search_plain_of_html(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$
SELECT regexp_replace(
    regexp_replace($1, '</?(?:a|b|i|u|s|em|strong|sup|sub|span|abbr|mark)(?:\s[^>]*)?>', '', 'gi'),
    '<[^>]*>|&[a-z0-9#]+;', ' ', 'gi'
)
$$;

CREATE FUNCTION french_vector(text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$
SELECT to_tsvector('pg_catalog.french'::regconfig, public.search_plain($1))
    || to_tsvector('public.fr'::regconfig, public.search_plain($1))
$$;

-- A term of a question: its words one after the other, in either reading; or anywhere.
CREATE FUNCTION french_phrase(text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$
SELECT CASE WHEN one = other THEN one ELSE one || other END
FROM (SELECT
    phraseto_tsquery('pg_catalog.french'::regconfig, public.search_plain($1)) AS one,
    phraseto_tsquery('public.fr'::regconfig, public.search_plain($1)) AS other
) AS readings
$$;
CREATE FUNCTION french_words(text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$
SELECT CASE WHEN one = other THEN one ELSE one || other END
FROM (SELECT
    plainto_tsquery('pg_catalog.french'::regconfig, public.search_plain($1)) AS one,
    plainto_tsquery('public.fr'::regconfig, public.search_plain($1)) AS other
) AS readings
$$;
"""
DROP_FUNCTIONS = """
DROP FUNCTION french_words(text);
DROP FUNCTION french_phrase(text);
DROP FUNCTION french_vector(text);
DROP FUNCTION search_plain_of_html(text);
DROP FUNCTION search_plain(text);
DROP TEXT SEARCH CONFIGURATION public.fr;
DROP TEXT SEARCH DICTIONARY public.french_stop;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('broadcasts', '0010_extracts'),
        ('guests', '0001_functions'),
    ]

    operations = [
        TrigramExtension(),
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        migrations.CreateModel(
            name='StaleSpeech',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('broadcast_number', models.PositiveBigIntegerField(db_index=True, verbose_name='numéro de l’émission')),
            ],
            options={
                'verbose_name': 'parole à relire',
                'verbose_name_plural': 'paroles à relire',
            },
        ),
        migrations.CreateModel(
            name='SearchDocument',
            fields=[
                ('broadcast', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='search_document', serialize=False, to='broadcasts.broadcast', verbose_name='émission')),
                ('vector', django.contrib.postgres.search.SearchVectorField(verbose_name='mots écrits')),
                ('spoken', django.contrib.postgres.search.SearchVectorField(verbose_name='mots dits')),
                ('vocabulary', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None, verbose_name='vocabulaire')),
                ('words', models.GeneratedField(db_persist=True, expression=broadcasts.models.search.DocumentWords('vector', 'spoken'), output_field=django.contrib.postgres.search.SearchVectorField())),
            ],
            options={
                'verbose_name': 'document de recherche',
                'verbose_name_plural': 'documents de recherche',
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['words'], name='search_document_words')],
            },
        ),
        migrations.CreateModel(
            name='SearchWord',
            fields=[
                ('word', models.TextField(primary_key=True, serialize=False, verbose_name='mot')),
                ('plain', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Lower(guests.models.ImmutableUnaccent('word')), output_field=models.TextField())),
                ('broadcasts', models.PositiveIntegerField(verbose_name='émissions')),
            ],
            options={
                'verbose_name': 'mot connu',
                'verbose_name_plural': 'mots connus',
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['plain'], name='search_word_likeness', opclasses=['gin_trgm_ops'])],
            },
        ),
        migrations.CreateModel(
            name='Passage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField(verbose_name='rang')),
                ('start_ms', models.PositiveIntegerField(verbose_name='début (ms)')),
                ('end_ms', models.PositiveIntegerField(verbose_name='fin (ms)')),
                ('text', models.TextField(verbose_name='texte')),
                ('cue_starts_ms', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveIntegerField(), size=None, verbose_name='débuts (ms)')),
                ('vector', models.GeneratedField(db_persist=True, expression=broadcasts.models.search.FrenchVector('text'), output_field=django.contrib.postgres.search.SearchVectorField())),
                ('broadcast', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='passages', to='broadcasts.broadcast', verbose_name='émission')),
                ('transcript', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='passages', to='broadcasts.transcript', verbose_name='transcription')),
            ],
            options={
                'verbose_name': 'passage',
                'verbose_name_plural': 'passages',
                'ordering': ('position',),
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['vector'], name='passage_words')],
                'constraints': [models.UniqueConstraint(fields=('broadcast', 'position'), name='passage_once'), models.CheckConstraint(condition=models.Q(('end_ms__gte', models.F('start_ms'))), name='passage_ends_after_its_start')],
            },
        ),
    ]

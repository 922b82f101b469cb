{% macro winning_deviations(benchmark, first, second) -%}
    {#-
        By how many standard deviations the first of two models leads on a benchmark of this slope and noise that neither
        has been seen on. The arguments name relations: slope and noise of the one, ability and variance of the others.
    -#}
    {{ benchmark }}.slope * ({{ first }}.ability - {{ second }}.ability)
    / sqrt(power({{ benchmark }}.slope, 2) * ({{ first }}.variance + {{ second }}.variance) + 2 * {{ benchmark }}.noise)
{%- endmacro %}

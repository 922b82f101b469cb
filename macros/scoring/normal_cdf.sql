{% macro normal_cdf(deviations) -%}
    {#-
        Share of a normal distribution below so many standard deviations, to 1e-7: Abramowitz and Stegun, 26.2.17,
        because the engine has no error function.
    -#}
    {%- set t = '(1 / (1 + 0.2316419 * abs(' ~ deviations ~ ')))' -%}
    {%- set tail -%}
        (exp(-power({{ deviations }}, 2) / 2) / sqrt(2 * pi()) * {{ t }} * (
            0.319381530 + {{ t }} * (
                -0.356563782 + {{ t }} * (1.781477937 + {{ t }} * (-1.821255978 + {{ t }} * 1.330274429))
            )
        ))
    {%- endset -%}
    case when {{ deviations }} < 0 then {{ tail }} else 1 - {{ tail }} end
{%- endmacro %}

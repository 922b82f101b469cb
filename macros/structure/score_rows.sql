{% macro score_rows(relation, labels, metrics) -%}
    {#-
        Opens one row per upstream row into the shared long shape of staging: one row per upstream row, name field and
        metric. `labels` maps each name field to its column, or to a mapping with label and model_text, the part of
        the label that names the model. `metrics` maps each metric key to its column, or to a mapping with value and
        any of low, high, uncertainty, and key, a column that holds the metric key. A missing figure stays as a row
        with a null raw_value. `relation` also has the columns vendor_hint, effort_text, agent, row_traits and
        observed_on.
    -#}
    {%- set label_structs = [] -%}
    {%- for field, named in labels.items() -%}
        {%- set named = {'label': named, 'model_text': named} if named is string else named -%}
        {%- do label_structs.append(
            {'label_field': "'" ~ field ~ "'", 'label': named['label'], 'model_text': named['model_text']}
        ) -%}
    {%- endfor -%}
    {%- set metric_structs = [] -%}
    {%- for metric_key, figure in metrics.items() -%}
        {%- set figure = {'value': figure} if figure is string else figure -%}
        {%- do metric_structs.append({
            'metric_key': figure.get('key', "'" ~ metric_key ~ "'"),
            'raw_value': figure['value'] ~ '::double',
            'value_low': figure.get('low', 'null') ~ '::double',
            'value_high': figure.get('high', 'null') ~ '::double',
            'uncertainty': figure.get('uncertainty', 'null') ~ '::double',
        }) -%}
    {%- endfor -%}
    select
        opened.source_key,
        opened.endpoint,
        opened.row_ordinal,
        opened.named.label_field as label_field,
        opened.named.label as label,
        opened.named.model_text as model_text,
        opened.vendor_hint,
        opened.effort_text,
        opened.agent,
        opened.row_traits,
        opened.scored.metric_key as metric_key,
        opened.scored.raw_value as raw_value,
        opened.scored.value_low as value_low,
        opened.scored.value_high as value_high,
        opened.scored.uncertainty as uncertainty,
        opened.observed_on,
        opened.payload_sha256,
        opened.url as source_url,
        opened.fetched_at
    from (
        select
            per_label.*,
            {{ unnested(struct_list(metric_structs)) }} as scored
        from (
            select
                *,
                {{ unnested(struct_list(label_structs)) }} as named
            from {{ relation }}
        ) as per_label
    ) as opened
    where opened.named.label is not null
{%- endmacro %}

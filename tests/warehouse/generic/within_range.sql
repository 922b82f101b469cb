{% test within_range(model, column_name, low, high) %}
    select *
    from {{ model }}
    where {{ column_name }} < {{ low }} or {{ column_name }} > {{ high }} or isnan({{ column_name }})
{% endtest %}

{% macro spark__load_csv_rows(model, agate_table) -%}
    {#-
        Takes the place of the adapter's own, which writes a missing value as the text None and a quote as it stands.
        Signs that a literal would have to escape are written by their number, whatever the session thinks of escapes.
    -#}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set rows = [] -%}
    {%- for row in agate_table.rows -%}
        {%- set cells = [] -%}
        {%- for name in agate_table.column_names -%}
            {%- set type = types.get(name, adapter.convert_type(agate_table, loop.index0)) -%}
            {%- set value = row[loop.index0] -%}
            {%- set literal = 'null' if value is none else "'" ~ (
                value | string | replace("'", "' || chr(39) || '") | replace('\\', "' || chr(92) || '")
            ) ~ "'" -%}
            {%- do cells.append('cast(' ~ literal ~ ' as ' ~ type ~ ')') -%}
        {%- endfor -%}
        {%- do rows.append('(' ~ cells | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- set sql = 'insert into ' ~ this.render() ~ ' values\n' ~ rows | join(',\n') -%}
    {%- if rows -%}
        {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {%- endif -%}
    {{ return(sql) }}
{%- endmacro %}

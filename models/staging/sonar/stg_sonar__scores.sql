-- One row per model, name field and metric; the flat list and the registry name the figures differently.
with source as (

    {{ current_rows('sonar', 'models') }}

),

renamed as (

    select
        source_key,
        endpoint,
        row_ordinal,
        payload_sha256,
        url,
        fetched_at,

        -- names
        {{ json_text('payload', 'name') }} as name,
        {{ json_text('payload', 'id') }} as id,
        nullif({{ json_text('payload', 'organization') }}, '') as vendor_hint,
        null::string as effort_text,
        null::string as agent,
        'disabled=' || coalesce({{ json_text('payload', 'disabled') }}, 'false') as row_traits,
        null::date as observed_on,

        -- percent, and findings per thousand lines
        coalesce(
            {{ json_number('payload', 'functionalSkill') }},
            {{ json_number('payload', 'metrics.passing_tests_pct') }}
        ) as functional_skill,
        coalesce(
            {{ json_number('payload', 'issueDensity') }},
            {{ json_number('payload', 'metrics.issues_per_kloc') }}
        ) as issue_density,
        coalesce(
            {{ json_number('payload', 'bugDensityPerKloc') }},
            {{ json_number('payload', 'metrics.bugs_per_kloc') }}
        ) as bug_density,
        coalesce(
            {{ json_number('payload', 'vulnerabilityDensityPerKloc') }},
            {{ json_number('payload', 'metrics.vulnerabilities_per_kloc') }}
        ) as vulnerability_density
    from source

),

final as (

    {{ score_rows(
        'renamed',
        labels={'name': 'name', 'id': 'id'},
        metrics={
            'SonarFunctionalSkill': 'functional_skill',
            'SonarIssueDensity': 'issue_density',
            'SonarBugDensity': 'bug_density',
            'SonarVulnerabilityDensity': 'vulnerability_density',
        }
    ) }}

)

select * from final

"""Everything that draws with Streamlit: filters, cached access, cards, tables, drill-down."""

"""The 145 tables of the demonstration's ERP, one line each; data only.

A line is ``table: field field …``. ``>orders`` is a foreign key to orders named ``order_id``; ``>employees=manager``
one named ``manager_id``; ``name/kind`` a column of a kind of `lockgate.demo.dialect`; a ``?`` at the end allows NULL, a
``!`` makes the column unique. Every table also has ``id`` and ``created_at``.
"""

ERP = """
[core]
companies: code/code! name/name tax_no/short? founded_on/date?
countries: code/code! name/name is_active/flag
currencies: code/code! name/name decimals/int
languages: code/code! name/name
branches: >companies >countries code/code! name/name phone/short?
users: >branches? login/code! name/name email/email! is_active/flag last_seen_at/time?
roles: code/code! name/name note/text?
permissions: code/code! area/short note/text?
user_roles: >users >roles granted_on/date
role_permissions: >roles >permissions is_active/flag
settings: >companies? code/code! value/value changed_on/date?
[crm]
pipelines: code/code! name/name is_active/flag
pipeline_stages: >pipelines position/int name/name win_rate/rate
segments: code/code! name/name rule/text?
campaigns: >segments? code/code! name/name starts_on/date ends_on/date? budget/money
leads: >users=owner? >campaigns? name/name email/email? phone/short? status/status score/int
contacts: >countries? name/name email/email? phone/short? birthday/date?
opportunities: >leads >pipeline_stages name/name amount/money expected_on/date? status/status
campaign_members: >campaigns >contacts joined_on/date status/status
activities: >opportunities? >users kind/short due_on/date? done_at/time? note/text?
notes: >contacts >users body/text
tags: code/code! name/name
contact_tags: >contacts >tags
segment_members: >segments >contacts score/int
call_logs: >contacts >users started_at/time seconds/int note/text?
[stock]
units: code/code! name/name factor/rate
product_categories: >product_categories=parent? code/code! name/name
products: >product_categories >units sku/code! name/name price/money barcode/short? weight/qty? status/status
product_variants: >products code/code! name/name price/money
product_images: >products url/value position/int
warehouses: >branches code/code! name/name
locations: >warehouses >locations=parent? code/code! name/name is_active/flag
lots: >products code/code! made_on/date? expires_on/date?
serial_numbers: >products >lots? code/code! status/status
stock_levels: >products >locations quantity/qty reserved/qty
stock_moves: >products >locations=from >locations=to quantity/qty moved_at/time reason/short?
stock_counts: >warehouses code/code! counted_on/date status/status
stock_count_lines: >stock_counts >products quantity/qty difference/qty?
reservations: >stock_levels quantity/qty until/date?
[hr]
positions: code/code! name/name grade/int
departments: >companies >employees=manager? >departments=parent? code/code! name/name
employees: >departments >positions >users? no/code! name/name email/email? hired_on/date left_on/date?
contracts: >employees starts_on/date ends_on/date? hours/qty status/status
salaries: >employees >currencies amount/money from_on/date
leave_types: code/code! name/name days/int
leave_requests: >employees >leave_types from_on/date to_on/date status/status note/text?
attendance: >employees came_at/time went_at/time?
skills: code/code! name/name
employee_skills: >employees >skills level/int
trainings: code/code! name/name cost/money held_on/date?
training_attendances: >trainings >employees passed/flag grade/short?
expense_reports: >employees code/code! total/money status/status
expense_lines: >expense_reports amount/money spent_on/date text/short?
[sales]
price_lists: >currencies code/code! name/name from_on/date?
price_list_items: >price_lists >products price/money
sales_teams: >employees=lead? code/code! name/name
customers: >countries? >price_lists? >sales_teams? no/code! name/name email/email? phone/short? credit/money
customer_addresses: >customers >countries street/name city/name zip/short kind/short
quotes: >customers no/code! quoted_on/date total/money status/status
quote_lines: >quotes >products position/int quantity/qty price/money
orders: >customers >quotes? >branches no/code! ordered_on/date total/money status/status note/text?
order_lines: >orders >products position/int quantity/qty price/money
order_events: >orders >users? kind/short happened_at/time note/text?
discounts: >price_lists code/code! rate/rate from_on/date? to_on/date?
promotions: >products code/code! name/name rate/rate is_active/flag
commissions: >orders >employees rate/rate amount/money
returns: >orders no/code! returned_on/date reason/text? status/status
[purchase]
suppliers: >countries? no/code! name/name email/email? rating/int
supplier_contacts: >suppliers name/name email/email? phone/short?
supplier_products: >suppliers >products code/short price/money days/int
requisitions: >employees no/code! needed_on/date? status/status
requisition_lines: >requisitions >products quantity/qty
purchase_orders: >suppliers >requisitions? no/code! ordered_on/date total/money status/status
purchase_order_lines: >purchase_orders >products position/int quantity/qty price/money
receipts: >purchase_orders no/code! received_on/date
receipt_lines: >receipts >products >lots? quantity/qty
supplier_invoices: >suppliers >purchase_orders? no/code! total/money due_on/date? status/status
supplier_invoice_lines: >supplier_invoices >products? text/short? amount/money
supplier_ratings: >suppliers >users rated_on/date points/int note/text?
[finance]
account_types: code/code! name/name side/short
accounts: >account_types >accounts=parent? >currencies? no/code! name/name
journals: >accounts? code/code! name/name
fiscal_years: >companies code/code! starts_on/date ends_on/date
fiscal_periods: >fiscal_years code/code! starts_on/date ends_on/date is_open/flag
journal_entries: >journals >fiscal_periods no/code! booked_on/date memo/short? status/status
journal_lines: >journal_entries >accounts debit/money credit/money memo/value?
tax_groups: code/code! name/name
taxes: >tax_groups >accounts? code/code! name/name rate/rate
payment_terms: code/code! name/name days/int discount/rate?
bank_accounts: >companies >currencies iban/code! name/name
bank_statements: >bank_accounts no/code! from_on/date balance/money
bank_statement_lines: >bank_statements booked_on/date amount/signed text/short?
payments: >bank_accounts >customers? >suppliers? no/code! paid_on/date amount/signed status/status
budgets: >fiscal_years >departments? code/code! name/name total/money
budget_lines: >budgets >accounts amount/money
[billing]
invoices: >customers >orders? >payment_terms? no/code! invoiced_on/date due_on/date? total/money status/status
invoice_lines: >invoices >products? >taxes? position/int quantity/qty price/money
credit_notes: >invoices no/code! credited_on/date total/money reason/text?
credit_note_lines: >credit_notes >products? quantity/qty price/money
dunning_levels: code/code! name/name days/int fee/money
dunnings: >invoices >dunning_levels sent_on/date status/status
subscriptions: >customers >price_lists? no/code! starts_on/date ends_on/date? status/status
subscription_lines: >subscriptions >products quantity/qty price/money
subscription_events: >subscriptions kind/short happened_at/time
receivables: >invoices >accounts amount/money due_on/date?
[production]
work_centers: >warehouses code/code! name/name rate/money
machines: >work_centers code/code! name/name bought_on/date?
machine_states: >machines state/short since/time note/text?
boms: >products code/code! version/int is_active/flag
bom_lines: >boms >products quantity/qty
routings: >boms code/code! name/name
routing_steps: >routings >work_centers position/int minutes/int
production_orders: >boms no/code! planned_on/date quantity/qty status/status
production_order_lines: >production_orders >routing_steps done/qty minutes/int?
quality_checks: >products code/code! name/name limit_low/qty? limit_high/qty?
quality_results: >quality_checks >production_orders value/qty passed/flag
scrap_records: >production_orders >products quantity/qty reason/short?
[projects]
projects: >customers? >employees=leader code/code! name/name starts_on/date ends_on/date? status/status
project_members: >projects >employees share/rate
milestones: >projects name/name due_on/date done_on/date?
tasks: >projects >milestones? >tasks=parent? >employees? title/name hours/qty? status/status
task_dependencies: >tasks >tasks=needed
timesheets: >employees >tasks worked_on/date hours/qty note/text?
project_budgets: >projects >accounts? amount/money
risks: >projects title/name weight/int note/text?
issues: >projects >tasks? title/name body/text? status/status
[logistics]
carriers: code/code! name/name phone/short?
vehicles: >carriers? plate/code! name/name capacity/qty
drivers: >employees? >carriers? licence/code! name/name
routes: >vehicles? >drivers? code/code! driven_on/date status/status
route_stops: >routes >customer_addresses? position/int planned_at/time?
shipments: >orders >carriers >routes? no/code! shipped_on/date? status/status
shipment_lines: >shipments >products quantity/qty
shipment_events: >shipments kind/short happened_at/time place/name?
[support]
service_levels: code/code! name/name hours/int
ticket_categories: >ticket_categories=parent? code/code! name/name
tickets: >customers >ticket_categories? >service_levels? >users=owner? no/code! title/name status/status closed_at/time?
ticket_messages: >tickets >users? body/text
knowledge_articles: >ticket_categories? code/code! title/name body/text is_active/flag
article_versions: >knowledge_articles number/int body/text
feedback: >tickets points/int note/text?
[documents]
documents: >users code/code! title/name kind/short
document_versions: >documents number/int url/value size/int
document_links: >documents area/short row_no/int
audit_events: >users? area/short row_no/int happened_at/time detail/text?
"""

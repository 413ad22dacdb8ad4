"""What the 清 of a programme ask for: set up as is usual, changed by the administrator."""

from django.db import transaction

from households import evidence
from households.models import DossierRule
from povertyaid.audit.models import record
from povertyaid.programmes import actions as programmes

# What a programme without a list of its own begins with.
FIVE = "五清"
SIX = "六清"
LISTS = {
    FIVE: ["困难职工底数清", "家庭情况清", "致困原因清", "思想状况清", "帮扶需求清"],
    SIX: ["帮扶主体清", "帮扶对象清", "家庭现状清", "帮扶项目清", "帮扶措施清", "帮扶目标清"],
}


@transaction.atomic
def set_up(programme, list_name, *, by):
    """Make the rules of 五清 or 六清 that are missing, with what each usually asks for.

    The list is made if the programme has none; what stands is left as it is. Answers how many
    rules were made.
    """
    items = programme.scheme_items.filter(list_name=list_name)
    if not items.exists():
        for label in LISTS[list_name]:
            programmes.add_item(programme, list_name=list_name, label=label, by=by)
    made = 0
    for item in items.filter(dossier_rule=None).order_by("seq", "pk"):
        if asked := evidence.usual_of(item.label):
            all_of, one_of = asked
            DossierRule.objects.create(item=item, all_of=all_of, one_of=one_of)
            made += 1
    if made:
        record(programme, "dossier_rules_set_up", by=by, list=list_name, rows=made)
    return made


@transaction.atomic
def save_rule(item, *, all_of, one_of, by):
    """Say what a 清 asks for. Nothing at all takes its rule away: it is then not asked of files."""
    stored = DossierRule.objects.select_for_update(of=("self",)).filter(item=item).first()
    if not all_of and not one_of:
        if stored:
            stored.delete()
            record(
                item.programme, "dossier_rule_removed", by=by, list=item.list_name,
                item=item.label,
            )  # fmt: skip
        return None
    rule = stored or DossierRule(item=item)
    before = (rule.all_of, rule.one_of)
    rule.all_of, rule.one_of = all_of, one_of
    rule.full_clean(validate_unique=False)
    rule.save()
    if before != (all_of, one_of):
        record(
            item.programme, "dossier_rule_changed", by=by, list=item.list_name, item=item.label,
            all_of=all_of, one_of=one_of,
        )  # fmt: skip
    return rule

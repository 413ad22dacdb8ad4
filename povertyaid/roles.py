"""Who may do what, on one page.

Roles are code, so a change of powers is a reviewed commit. The strings are ordinary Django
permission names; `has_perm()`, `PermissionRequiredMixin` and `{% if perms.… %}` all ask here,
without a query. What a person may *see* is another question: the subtree of the own unit
(`povertyaid/org/scoping.py`).
"""

from django.contrib.auth.backends import ModelBackend

READS = {
    "households.view_household",
    "households.view_dossieritem",
    "pairings.view_helper",
    "pairings.view_pairing",
    "pairings.view_visit",
    "pairings.view_activity",
    "disbursements.view_disbursement",
    "disbursements.view_fund",
    "programmes.view_programme",
    "org.view_orgunit",
    "reports.view_report",
}
KEEPS_FILES = READS | {
    "households.add_household",
    "households.change_household",
    "households.import_roster",
    "households.change_rosterheading",
    "households.propose_review",
    "households.reveal_person",
    "households.export_household",
    "households.change_dossieritem",
    "households.check_dossieritem",
    "households.view_health_file",
    "pairings.add_helper",
    "pairings.change_helper",
    "pairings.change_pairing",
    "pairings.add_activity",
    "pairings.change_activity",
    "pairings.add_visit",
    "pairings.change_visit",
    "pairings.count_visit",
    "disbursements.change_disbursement",
    "disbursements.change_fund",
    "jobs.view_job",
    "jobs.cancel_job",
}
APPROVES = READS | {
    "households.decide_review",
    "households.check_dossieritem",
    "households.view_health_file",
    "households.reveal_person",
    "households.export_household",
    "audit.view_entry",
    "jobs.view_job",
    "jobs.cancel_job",
}
SUPERVISES = READS | {
    "households.export_household",
    "programmes.change_target",
    "audit.view_entry",
    "org.view_staff",
    "jobs.view_job",
    "jobs.cancel_job",
}
HELPS = {
    "households.view_household",
    "households.view_dossieritem",
    "pairings.view_pairing",
    "pairings.view_visit",
    "pairings.view_activity",
    "pairings.add_visit",
    "pairings.change_visit",
}
ADMINISTERS = {
    "pairings.view_helper",
    "households.change_rosterheading",
    "programmes.view_programme",
    "programmes.add_programme",
    "programmes.change_programme",
    "programmes.change_target",
    "org.view_orgunit",
    "org.add_orgunit",
    "org.change_orgunit",
    "org.view_staff",
    "org.add_staff",
    "org.change_staff",
    "reports.view_report",
    "audit.view_entry",
    "jobs.view_job",
    "jobs.cancel_job",
}
AUDITS = READS | {"audit.view_entry", "org.view_staff", "jobs.view_job"}

GRANTS: dict[str, frozenset[str]] = {
    "clerk": frozenset(KEEPS_FILES),
    "approver": frozenset(APPROVES),
    "supervisor": frozenset(SUPERVISES),
    "helper": frozenset(HELPS),
    "administrator": frozenset(ADMINISTERS),
    "auditor": frozenset(AUDITS),
}


def permissions_of(role: str) -> frozenset[str]:
    return GRANTS.get(role, frozenset())


class RoleBackend(ModelBackend):
    """Sign in as usual; answer `has_perm()` from the table above, without a query."""

    def get_user(self, user_id):
        """The signed-in person together with the unit, which every page asks for."""
        try:
            staff = self.user_model.objects.select_related("unit").get(pk=user_id)
        except self.user_model.DoesNotExist:
            return None
        return staff if self.user_can_authenticate(staff) else None

    @property
    def user_model(self):
        from django.contrib.auth import get_user_model  # noqa: PLC0415 -- apps load first

        return get_user_model()

    def get_all_permissions(self, user_obj, obj=None):
        return set(permissions_of(user_obj.role)) if user_obj.is_active else set()

    def has_perm(self, user_obj, perm, obj=None):
        return perm in self.get_all_permissions(user_obj, obj)

import json

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from reports.figures import catalogue
from reports.figures.acceptance import NoFiguresError, compared
from reports.figures.numbers import as_number
from reports.figures.parameters import ParameterError
from reports.figures.reader import snapshot
from reports.management.commands import _asking


class Command(BaseCommand):
    help = (
        "Compute one indicator of a programme, or every figure that was printed about it, "
        "with the band in which it must lie."
    )

    def add_arguments(self, parser):
        _asking.add_arguments(parser)
        parser.add_argument("--indicator", metavar="CODE", help="for example Q-01")
        parser.add_argument(
            "--param",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a parameter of the indicator, for example category=poor; may be repeated",
        )
        parser.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *, programme, unit, as_of, indicator, param, **options):
        cut = _asking.asked_cut(programme=programme, unit=unit, as_of=as_of)
        if param and not indicator:
            raise CommandError(_("--param belongs to an indicator: give --indicator, too."))
        with snapshot():
            answer = self._one(cut, indicator, param) if indicator else self._all(cut)
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))
        else:
            for line in answer if isinstance(answer, list) else [answer]:
                self.stdout.write(self._line(line))

    def _one(self, cut, code, given):
        try:
            indicator = catalogue.find(code)
            params = indicator.read_parameters(dict(map(self._pair, given)))
            indicator.check_parameters(params, cut)
            figure = indicator.figure(cut, params)
        except (catalogue.UnknownIndicatorError, ParameterError) as error:
            raise CommandError(str(error)) from None
        return {
            "indicator": code,
            "label": figure.label,
            "programme": cut.programme.code,
            "unit": cut.unit.code,
            "as_of": cut.as_of.isoformat(),
            "params": indicator.written_parameters(params),
            "value": as_number(figure.value),
            "measure": figure.measure,
            "rows": figure.row_count,
            "note": figure.note,
        }

    @staticmethod
    def _pair(text):
        name, sign, value = text.partition("=")
        if not sign:
            raise CommandError(
                _("“%(text)s” is not a parameter. Write NAME=VALUE, for example category=poor.")
                % {"text": text}
            )
        return name, value

    def _all(self, cut):
        try:
            return list(compared(cut))
        except NoFiguresError as error:
            raise CommandError(str(error)) from None

    def _line(self, answer):
        value = "—" if answer["value"] is None else f"{answer['value']:,}"
        if "id" not in answer:
            return f"{answer['label']}  {value} {answer['measure']}  {answer['note']}".rstrip()
        said = {True: _("matches"), False: _("differs"), None: _("unclear")}[answer["ok"]]
        return f"{answer['id']}  {value}  {answer['accept']}  {said}  {answer['note']}".rstrip()

"""What each code of a receipt says to a clerk: what is wrong and what to do. The place stands beside it."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    # refused
    "id_damaged": _(
        "The spreadsheet has cut the last digits of this identity number. Format the column as "
        "text, then type the number from the card again."
    ),
    "id_malformed": _(
        "This is no identity number: it has 18 characters (older ones 15), a disability "
        "certificate 20 or 22. Compare it with the card and correct it."
    ),
    "name_missing": _("The row has no name. Write the name, or delete the row."),
    "cell_error": _(
        "The spreadsheet shows an error here instead of a value. Type the value itself."
    ),
    "too_long": _(
        "More than 255 characters stand in this cell. Shorten the text, or move it to the remarks."
    ),
    "code_repeated": _(
        "This household code already belongs to another person further up. Give one of the two "
        "the right code."
    ),
    "duplicate_conflict": _(
        "The same identity number stands further up with other values. Keep the right row and "
        "delete the other."
    ),
    "member_in_two_households": _(
        "This person already belongs to another household. Check the number; if the person has "
        "moved, have the other file corrected first."
    ),
    "two_heads": _("The household has two heads. Give one of the two their relation to the other."),
    "no_head": _(
        "No member of the household is its head. Write 户主 as the relation of one member."
    ),
    "head_refused": _(
        "The row of the head was refused, so the household cannot go in. Correct the row of the "
        "head; this row then goes in with it."
    ),
    "file_closed": _(
        "The file of this household is closed. Reopen the file first, or delete the rows."
    ),
    # warned
    "id_check_digit": _(
        "The last character of the identity number does not fit. It was kept as written; please "
        "compare it with the card."
    ),
    "id_15_digits": _(
        "An identity number of 15 digits was upgraded to 18; the old one is kept beside it."
    ),
    "id_placeholder": _(
        "A number that begins with 999999 is a placeholder and was left out. Please ask for the "
        "identity number."
    ),
    "id_missing": _("No identity number. Please ask for it and add it later."),
    "sex_differs_from_id": _(
        "The sex is not the one that the identity number tells. It was kept as written; please "
        "check both."
    ),
    "birth_date_differs_from_id": _(
        "The birth date is not the one inside the identity number. It was kept as written; "
        "please check both."
    ),
    "relation_sex_differs": _(
        "Relation and sex do not fit together. They were kept as written; please check both."
    ),
    "relation_missing": _("The relation to the head is missing. Please add it."),
    "head_assumed": _(
        "The only member named was taken as the head of the household. Please check the relation."
    ),
    "household_size_differs": _(
        "The stated number of persons is not the number of rows of the household. Please check "
        "whether somebody is missing."
    ),
    "household_value_differs": _(
        "This household value differs from the household's first row. The first one was taken."
    ),
    "member_absent": _(
        "A member on file is no longer named in this roster. The member stays on file; if the "
        "person has left, please say so in the file."
    ),
    "duplicate_row": _("The row repeats one further up and says nothing new."),
    "phone_malformed": _(
        "This is no mobile number of 11 digits. It was kept as written; please check it."
    ),
    "phone_shared": _(
        "Another household of the roster has the same phone number. It was kept; please check it."
    ),
    "number_in_name": _(
        "A number stands in the name. Write only the name here; an identity number belongs in the "
        "column 身份证号, a phone in the column 手机号码."
    ),
    "bank_account_damaged": _(
        "The spreadsheet has cut the last digits of this account; it was left out. Format the "
        "column as text and type the account again."
    ),
    "bank_account_check": _(
        "The check digit of this card number does not fit. It was kept as written; please "
        "compare it with the card."
    ),
    "amount_unreadable": _(
        "This amount cannot be read and was left out. Write digits, for example 1200 or 0.12万."
    ),
    "amount_negative": _("An amount below zero was left out. Please check the sign."),
    "date_unreadable": _(
        "This date cannot be read and was left out. Write it like 2017-12-19, 2017.12 or 2017."
    ),
    "date_ambiguous": _(
        "The number 2017.1 may mean January or October; only the year was taken. Write it as "
        "2017-01 or 2017-10."
    ),
    "formula_no_value": _(
        "The formula was never calculated, so there is no value. Open the file, save it again, "
        "or type the value itself."
    ),
    "formula_like_text": _(
        "The text looks like a formula. It was kept as text and never calculated; please check it."
    ),
    "total_differs": _(
        "The stated total is not the sum of the rows. Please check the rows and the total."
    ),
    "money_unit_assumed": _(
        "No unit of money is stated in this sheet; the amounts were taken as 元. If they are 万元, "
        "write the unit into the heading and bring the roster again."
    ),
    "hidden_rows": _("The sheet has hidden rows. They were read like the others."),
    "hidden_columns": _("The sheet has hidden columns. They were read like the others."),
    "sheet_hidden": _(
        "This sheet is hidden and was not read. Unhide it if it belongs to the roster."
    ),
    "sheet_without_header": _(
        "No row of this sheet looks like the heading of a roster; the sheet was not read."
    ),
    "no_rows": _("There is a heading, but nothing below it."),
}

#: Warnings that may mean false data: somebody has to have looked at them before a roster goes in.
#: The others only tell how something was read.
DOUBTS = frozenset(
    [
        "id_check_digit",
        "sex_differs_from_id",
        "birth_date_differs_from_id",
        "relation_sex_differs",
        "head_assumed",
        "household_size_differs",
        "phone_malformed",
        "number_in_name",
        "bank_account_check",
        "bank_account_damaged",
        "amount_unreadable",
        "amount_negative",
        "date_unreadable",
        "date_ambiguous",
    ]
)

#: What spoke for a proposed field, as the page of headings says it.
SHAPES = {
    "identity": _("identity numbers stand here"),
    "phone": _("mobile numbers stand here"),
    "account": _("account numbers stand here"),
    "sex": _("男 and 女 stand here"),
    "relation": _("relations to the head stand here"),
    "ethnicity": _("ethnicities stand here"),
    "name": _("persons' names stand here"),
    "unit": _("names of units or places stand here"),
    "category": _("categories stand here"),
    "cause": _("causes stand here"),
    "date": _("dates stand here"),
    "heading": _("the heading is like one that is known"),
}

UNREADABLE = {
    "empty": _("The file has no content. Please save it again and choose it once more."),
    "password": _(
        "The workbook is protected by a password. Take the password off, save it and choose it "
        "again."
    ),
    "corrupt": _(
        "The file is damaged and cannot be opened. Open it in your spreadsheet program, save it as "
        "a new .xlsx file and choose that one."
    ),
    "not_a_workbook": _(
        "This is no spreadsheet. A roster is a file .xlsx, .xls, .et, .ods or .csv."
    ),
    "too_large": _(
        "The file is too large. Split the roster into several files, for example one for each "
        "township."
    ),
    "too_many_rows": _(
        "The roster has too many rows. Split it into several files, for example one for each "
        "township."
    ),
}
NOT_A_ROSTER = _(
    "No sheet of this file has the heading of a roster. One row must name the person (姓名 or "
    "户主姓名) and at least two other columns such as 身份证号 and 家庭住址."
)

FIELD_WORDS = {
    "code": _("household code"),
    "head": _("head of household"),
    "name": _("name"),
    "id_number": _("identity number"),
    "id_kind": _("kind of number"),
    "former_id_number": _("former identity number"),
    "relation": _("relation to the head"),
    "sex": _("sex"),
    "birth_date": _("birth date"),
    "ethnicity": _("ethnicity"),
    "phone": _("phone"),
    "household_phone": _("household phone"),
    "address": _("address"),
    "unit": _("unit"),
    "category": _("category"),
    "causes": _("causes"),
    "identified_on": _("identified on"),
    "household_size": _("persons as stated"),
    "income_wage": _("wages"),
    "income_business": _("business income"),
    "income_property": _("property income"),
    "income_transfer": _("transfer income"),
    "business_expense": _("operating costs"),
    "income_total": _("total income"),
    "per_capita_income": _("income per person"),
    "per_capita_period": _("period of the income per person"),
    "health": _("health"),
    "labour_ability": _("labour ability"),
    "education": _("schooling"),
    "work_status": _("work status"),
    "employer": _("employer or school"),
    "helper_name": _("helper"),
    "helper_unit": _("helper's unit"),
    "helper_title": _("helper's post"),
    "helper_phone": _("helper's phone"),
    "aid_kind": _("kind of aid"),
    "aid_amount": _("amount of aid"),
    "aid_date": _("day of aid"),
    "bank_name": _("bank"),
    "bank_branch": _("branch of the bank"),
    "bank_account": _("bank account"),
    "note": _("note"),
    "version": _("version of the file"),
    "member_number": _("number of the member"),
}


INTERRUPTED = _("The reading was broken off. Have the roster read again, or put it away.")


def refusal_of(reading):
    """Why a file that is no readable roster was not taken."""
    return reason_in_words(reading.reason)


def reason_in_words(reason):
    """The reason kept with a roster that could not be read; without one it is no roster."""
    if reason == "interrupted":
        return INTERRUPTED
    return UNREADABLE.get(reason, NOT_A_ROSTER)

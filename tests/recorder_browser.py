"""The recording form in a browser: three paper forms typed, one of them refused first, and found again."""

from typing import Any

from sampling.campaign import Campaign
from sampling.campaign.recording import open_office
from sampling.findings.recorder_office import Office
from sampling.forms.serials import code_text

MINUTE = 60_000
PRIVATE = "家中独居，靠𠮷姓邻居照应 😀"
DEATH = "死亡证明（龙泉派出所）"
MEMBER = "测试成员𠮷"
SEEN = {
    "outcome": "已入户",
    "verdict": "继续保障",
    "persons_found": "2",
    "inspector_1": "李一",
    "inspector_2": "王二",
    "signed": "是",
    "entitled_found": "2",
    "note": PRIVATE,
}


def three_of(campaign: Campaign) -> tuple[Office, list[str]]:
    """The office of the campaign, and three households of its roll."""
    office = open_office(campaign)
    serials = [serial for serial, one in office.desk.issued.by_serial.items() if not one.list]
    return office, sorted(serials)[:3]


def type_form(page: Any, answers: dict[str, str]) -> None:
    """Fill the fields of the form that is open."""
    for name, value in answers.items():
        field = page.locator(f".recorder .field-{name}")
        if field.locator("select").count():
            field.locator("select").select_option(label=value)
        else:
            field.locator("input, textarea").fill(value)


def look_for(page: Any, written: str, serial: str) -> None:
    """Type into the search box as a scanner does, and wait for the household."""
    page.click(".recorder .search input")
    page.keyboard.type(written)
    page.keyboard.press("Enter")
    page.wait_for_selector(f".recorder .household h2:has-text('{serial}')", timeout=MINUTE)


def save(page: Any, mark: str) -> str:
    """Press the button; what is said then."""
    page.click(".recorder button.save")
    page.wait_for_selector(f".recorder > .message .told.{mark}", timeout=MINUTE)
    return page.inner_text(".recorder > .message")


def record_three(page: Any, campaign: Campaign) -> None:
    """Three households, found by serial, QR code and ticket; the first breaks a rule and is put right."""
    office, (first, second, third) = three_of(campaign)
    day = campaign.receipt()["seed_source"]["time"][:10]
    ticket = office.papers.tickets
    page.fill(".recorder .by input", "录入员甲")
    look_for(page, first, first)
    stopped = {"verdict": "建议停发", "reason": "户主死亡", "entitled_found": "0", "date": day}
    type_form(page, SEEN | stopped)
    page.wait_for_selector(".field-evidence.bad", timeout=MINUTE)
    page.locator(".member-member_name input").first.fill(MEMBER)
    assert "没有保存" in save(page, "bad") and "没有写明依据材料" in page.inner_text(".field-evidence")
    type_form(page, {"evidence": DEATH})
    page.wait_for_selector(".recorder .rules .told.good", timeout=MINUTE)
    assert "登记库第 1 条" in save(page, "good")
    for number, (serial, written) in enumerate(
        [(second, code_text(campaign.id, second, ticket[second])), (third, ticket[third][:12])], start=2
    ):
        look_for(page, written, serial)
        type_form(page, SEEN | {"date": day})
        page.wait_for_selector(".recorder .rules .told.good", timeout=MINUTE)
        assert f"登记库第 {number} 条" in save(page, "good")


def found_again(page: Any, campaign: Campaign) -> None:
    """All three are there as they were typed, after the page was loaded anew."""
    office, serials = three_of(campaign)
    assert "已登记 3" in page.inner_text(".recorder .counts").replace("\n", " ")
    for serial, evidence in zip(serials, (DEATH, "", ""), strict=True):
        look_for(page, serial, serial)
        assert page.input_value(".field-note textarea") == PRIVATE
        assert page.input_value(".field-evidence textarea") == evidence
        page.click(".recorder button.close")
        page.wait_for_selector(".recorder .household", state="detached", timeout=MINUTE)
    state = office.register.state()
    assert sorted(held["finding"]["serial"] for held in state.findings.values()) == serials
    assert {held["by"] for held in state.findings.values()} == {"录入员甲"} and office.register.check() == ()
    (kept,) = office.register.personal([state.findings[key_of(office, serials[0])]["personal"]]).values()
    assert kept["evidence"] == DEATH and kept["members"][0]["member_name"] == MEMBER


def key_of(office: Office, serial: str) -> tuple[str, str, str]:
    return office.desk.issued.by_serial[serial].key


def personal_words(campaign: Campaign) -> set[str]:
    """What must stand in no notebook and no page that was not asked for: names, accounts, what was typed."""
    people = [campaign.roll(), *campaign.lists().values()]
    columns = ["household_name", "identity", "phone", "account", "address"]
    known = {str(value) for table in people for name in columns if name in table for value in table[name]}
    return (known | {PRIVATE, DEATH, MEMBER, "录入员甲"}) - {""}

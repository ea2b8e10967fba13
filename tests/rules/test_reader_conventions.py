"""Each convention of official writing by an example."""

from __future__ import annotations

from datetime import date

import pytest

from luoshi.rules.documents.reader import Comparator, Concern, Frequency, Kind, Reading, Role, Script, read

DAY = date(2024, 3, 5)


def one(text: str, day: date = DAY) -> Reading:
    return read(text, date=day)


def leads(text: str, at: int = 0) -> list[str]:
    return [field.value for field in one(text).items[at].named(Role.LEAD)]


def named(text: str, role: Role, at: int = 0) -> list[str]:
    return [field.value for field in one(text).items[at].named(role)]


def due(words: str, day: date = DAY) -> date | None:
    found = one(f"一、推进城区管网改造，{words}。", day).items[0].due
    return found.day if found is not None else None


# Cleaning


def test_pinyin_notes_and_doubled_marks_go_and_spans_stay() -> None:
    text = "一、推動農業(yè)發(fā)展,,完成任務,。"
    item = one(text).items[0]
    assert item.requirement.value == "推动农业发展,完成任务。"
    assert text[item.requirement.span.start : item.requirement.span.end] == "推動農業(yè)發(fā)展,,完成任務,。"


def test_lost_characters_are_told_and_not_mended() -> None:
    reading = one("一、加强矿山、?;?、交通等领域监管。二、怎么办？三、落实\ufffd制度。")
    assert [doubt.words.value for doubt in reading.doubts if doubt.concern is Concern.LOST] == ["???", "\ufffd"]


def test_a_number_glued_to_a_year() -> None:
    reading = one("2．落实责任清单。\n3．2020年底前完成整改。", date(2020, 1, 5))
    assert reading.items[1].path == ("3.",)
    assert reading.items[1].requirement.value == "2020年底前完成整改。"
    assert [doubt.concern for doubt in reading.doubts] == [Concern.GLUED]


@pytest.mark.parametrize(
    ("text", "script"),
    [("推进發展與經濟", Script.TRADITIONAL), ("推进发展", Script.SIMPLIFIED), ("Do it by May.", Script.ENGLISH)],
)
def test_script(text: str, script: Script) -> None:
    assert one(text).script is script


def test_web_page_by_content() -> None:
    text = "<p>一、推进<b>改造</b>，2024年6月底前完成。</p><script>一、不算</script>"
    reading = one(text)
    assert reading.markup == "html"
    assert [item.requirement.value for item in reading.items] == ["推进改造,2024年6月底前完成。"]


# Structure


def test_lowest_numbered_part_is_the_item() -> None:
    reading = one("一、总体安排\n（一）抓好落实\n1.建立台账。\n2.开展检查。\n（二）强化保障。加强组织领导。")
    assert [item.path for item in reading.items] == [("一", "(一)", "1."), ("一", "(一)", "2."), ("一", "(二)")]


def test_a_parent_with_its_own_units_is_an_item_too() -> None:
    text = "（一）优化服务。完善服务体系。（县民政局牵头）具体措施：1．新建站点12个。（县民政局负责）2．开展培训。（县人社局负责）"
    assert [item.requirement.value for item in one(text).items] == ["完善服务体系。", "新建站点12个。", "开展培训。"]


def test_lost_line_breaks() -> None:
    text = "现提出意见。一、提升便利度（一）优化流程。健全机制。（甲局牵头）（二）提高效率。推行改革。（乙局牵头）二、强化保障（三）加强监督。开展检查。（丙局牵头）"
    reading = one(text)
    assert [item.path for item in reading.items] == [("一", "(一)"), ("一", "(二)"), ("二", "(三)")]


def test_announced_matters_hold_what_they_list() -> None:
    text = "第一件事：生态保护\n抓实湖泊治理、补齐短板、壮大产业等3件大事。\n第二件事：防灾减灾\n防震方面，要加强演练；防汛方面，要强化会商。"
    assert [item.requirement.value for item in one(text).items] == [
        "抓实湖泊治理、补齐短板、壮大产业等3件大事。",
        "抓实湖泊治理",
        "补齐短板",
        "壮大产业",
        "防震方面,要加强演练;防汛方面,要强化会商。",
        "防震方面,要加强演练",
        "防汛方面,要强化会商",
    ]


def test_runs_outside_numbering() -> None:
    text = "会议听取了汇报。会议强调，要压实责任。要加强督导。"
    assert [item.requirement.value for item in one(text).items] == ["要压实责任。", "要加强督导。"]
    text = "他要求，各部门要加快制定方案；要按时完成整改；要严肃追责。"
    assert len(one(text).items) == 3
    text = "会议强调，做好当前工作。一是压实责任，加强领导。二是突出重点，集中整治。"
    assert [item.path[-1] for item in one(text).items] == ["一是", "二是"]


def test_semicolons_do_not_part_a_numbered_item() -> None:
    assert len(one("（一）开展检查；建立台账；落实整改。").items) == 1


def test_past_and_page_furniture_are_no_items() -> None:
    text = "当前位置：首页\n一、2023年工作回顾\n1.新建学校12所。\n2.完成改造3处。\n二、2024年工作任务\n1.新建学校15所。\n2.完成改造5处。\n联系人：办公室"
    assert [item.requirement.value for item in one(text).items] == ["新建学校15所。", "完成改造5处。"]


def test_a_closing_sentence_with_a_report() -> None:
    text = "（一）加强领导。成立专班。\n（二）强化考核。纳入考核。\n各县要高度重视。各县要于2024年4月10日前将方案报送市政府办公室。"
    closing = [item for item in one(text).items if item.kind is Kind.CLOSING]
    assert [item.due.day for item in closing if item.due] == [date(2024, 4, 10)]


TABLES = {
    "markdown": "| 序号 | 工作任务 | 牵头单位 | 配合单位 | 完成时限 |\n|---|---|---|---|---|\n| 1 | 新建公园3座 | 市城管局 | 市财政局、市林业局 | 6月底 |",
    "html": "<table><tr><th>序号</th><th>工作任务</th><th>牵头单位</th><th>配合单位</th><th>完成时限</th></tr>"
    "<tr><td>1</td><td>新建公园3座</td><td>市城管局</td><td>市财政局、市林业局</td><td>6月底</td></tr></table>",
    "tabs": "序号\t工作任务\t牵头单位\t配合单位\t完成时限\n1\t新建公园3座\t市城管局\t市财政局、市林业局\t6月底",
    "gaps": "序号  工作任务  牵头单位  配合单位  完成时限\n1  新建公园3座  市城管局  市财政局、市林业局  6月底",
    "lines": "序号\n工作任务\n牵头单位\n配合单位\n完成时限\n1\n新建公园3座\n市城管局\n市财政局、市林业局\n6月底",
}


@pytest.mark.parametrize("layout", TABLES)
def test_a_table_whatever_it_is_drawn_with(layout: str) -> None:
    [item] = one(TABLES[layout]).items
    assert item.kind is Kind.TABLE
    assert item.requirement.value == "新建公园3座"
    assert [field.value for field in item.named(Role.LEAD)] == ["市城管局"]
    assert [field.value for field in item.named(Role.SUPPORT)] == ["市财政局", "市林业局"]
    assert item.due is not None
    assert item.due.day == date(2024, 6, 30)
    assert [(target.value, target.uom) for target in item.targets] == [(3, "座")]


def test_cells_over_several_rows() -> None:
    text = (
        "<table><tr><th>工作任务</th><th>措施</th><th>责任单位</th><th>时限</th></tr>"
        "<tr><td rowspan=2>治水</td><td>建管网</td><td rowspan=2>市水务局</td><td>5月</td></tr><tr><td>清河道</td><td>9月</td></tr></table>"
    )
    items = one(text).items
    assert [(item.title.value if item.title else "", item.requirement.value) for item in items] == [
        ("治水", "建管网"),
        ("治水", "清河道"),
    ]
    assert [item.named(Role.LEAD)[0].value for item in items] == ["市水务局", "市水务局"]
    assert [item.due.day.month for item in items if item.due and item.due.day] == [5, 9]


# Roles


@pytest.mark.parametrize(
    ("words", "lead", "responsible", "support"),
    [
        ("（省发改委牵头，省财政厅、各地区按职责分工负责）", ["省发改委"], ["省财政厅", "各地区"], []),
        ("（省发改委、省财政厅牵头，省教育厅配合）", ["省发改委", "省财政厅"], [], ["省教育厅"]),
        ("（牵头单位：省发改委；配合单位：省财政厅、省教育厅）", ["省发改委"], [], ["省财政厅", "省教育厅"]),
        ("（省教育厅、省财政厅按职责分工负责）", [], ["省教育厅", "省财政厅"], []),
        ("（省教育厅负责）", ["省教育厅"], [], []),
        ("（责任单位：省教育厅）", ["省教育厅"], [], []),
        (
            "（工业和信息化部、文化和旅游部等国务院相关部门及各地区按职责分工负责）",
            [],
            ["工业和信息化部", "文化和旅游部", "国务院相关部门", "各地区"],
            [],
        ),
        ("（省教育厅等单位负责）", ["省教育厅"], [], []),
        ("（省教育厅牵头，各州、市人民政府负责）", ["省教育厅"], ["各州、市人民政府"], []),
        (
            "（省市场监管局（省知识产权局）牵头，省财政厅会同省教育厅负责）",
            ["省市场监管局(省知识产权局)"],
            ["省财政厅"],
            ["省教育厅"],
        ),
        ("（省教育厅/省财政厅负责）", [], ["省教育厅", "省财政厅"], []),
        ("\n责任领导：张三\n责任单位：市水务局、市财政局", [], ["市水务局", "市财政局"], []),
        ("由市财政局、市农业农村局负责落实。", [], ["市财政局", "市农业农村局"], []),
    ],
)
def test_roles(words: str, lead: list[str], responsible: list[str], support: list[str]) -> None:
    [item] = one(f"一、推进体系建设。{words}").items
    told = {role: [field.value for field in item.named(role)] for role in Role}
    assert told == {Role.LEAD: lead, Role.RESPONSIBLE: responsible, Role.SUPPORT: support}
    assert item.requirement.value == "推进体系建设。"


def test_the_first_named_leads_where_the_document_says_so() -> None:
    text = "责任单位列第一位者为牵头单位。\n一、抓好治理。（责任单位：甲局、乙局）\n二、加强监督。（责任单位：丙局）"
    reading = one(text)
    assert reading.first_named_leads
    assert [field.value for field in reading.items[-2].named(Role.LEAD)] == ["甲局"]
    assert [field.value for field in reading.items[-2].named(Role.RESPONSIBLE)] == ["乙局"]


def test_roles_in_the_sentence() -> None:
    text = "1.由市住建局牵头，市水务局配合，6月10日前完成排查。"
    assert (leads(text), named(text, Role.SUPPORT)) == (["市住建局"], ["市水务局"])


def test_a_duty_by_grammar_is_less_sure() -> None:
    [item] = one("一、各主责单位和相关职能部门要按时完成整改。").items
    assert [(unit.name.value, unit.role, unit.rule) for unit in item.units] == [
        ("各主责单位", Role.RESPONSIBLE, "grammar"),
        ("相关职能部门", Role.RESPONSIBLE, "grammar"),
    ]
    assert item.units[0].name.confidence < one("一、抓好整改。（甲局负责）").items[0].units[0].name.confidence


def test_no_unit_is_invented() -> None:
    assert one("一、推进体系建设，完善制度。").items[0].units == ()


# Deadlines and frequencies


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2024年6月底前完成", date(2024, 6, 30)),
        ("6月底前完成", date(2024, 6, 30)),
        ("2024年2月底前完成", date(2024, 2, 29)),
        ("于4月10日前报送", date(2024, 4, 10)),
        ("2024年10月15日前完成", date(2024, 10, 15)),
        ("年底前完成", date(2024, 12, 31)),
        ("年内完成", date(2024, 12, 31)),
        ("到2025年，覆盖全县", date(2025, 12, 31)),
        ("2025年年中完成", date(2025, 6, 30)),
        ("第三季度完成", date(2024, 9, 30)),
        ("上半年完成", date(2024, 6, 30)),
        ("本月内完成", date(2024, 3, 31)),
        ("自印发之日起30日内完成", date(2024, 4, 4)),
        ("明年3月底前完成", date(2025, 3, 31)),
        ("自2024年1月1日起施行", None),
        ("截至2023年底已建成", None),
        ("有效期为2024年1月1日至12月31日", None),
        ("落实《2024年工作方案》", None),
        ("每月10日前报送", None),
        ("三年内见效", None),
    ],
)
def test_deadlines(words: str, day: date | None) -> None:
    assert due(words) == day


def test_the_last_day_closes_and_the_others_stay() -> None:
    [item] = one("一、分步整改，6月底前完成移交，2024年9月底前完成回收。").items
    assert [found.day for found in item.dues] == [date(2024, 6, 30), date(2024, 9, 30)]
    assert item.due is not None
    assert item.due.day == date(2024, 9, 30)


def test_a_phase_ends_with_its_heading() -> None:
    [item] = one("（一）集中清理阶段（2024年5月1日—10月31日）。各村组织清理。").items
    assert item.due is not None
    assert item.due.day == date(2024, 10, 31)


def test_a_day_the_calendar_does_not_have() -> None:
    reading = one("一、抓好整改，2月30日前完成。")
    assert reading.items[0].due is None
    assert [doubt.concern for doubt in reading.doubts] == [Concern.DAY]


@pytest.mark.parametrize(
    ("words", "frequency"),
    [
        ("每日调度", Frequency.DAILY),
        ("每周五报送进展", Frequency.WEEKLY),
        ("按月通报", Frequency.MONTHLY),
        ("每季度检查一次", Frequency.QUARTERLY),
        ("每半年通报一次", Frequency.HALF_YEARLY),
        ("每年引进人才10名", Frequency.YEARLY),
    ],
)
def test_frequencies(words: str, frequency: Frequency) -> None:
    assert [found.frequency for found in one(f"一、强化督导，{words}。").items[0].recurring] == [frequency]


def test_standing_duties_only_where_a_deadline_would_stand() -> None:
    assert one("一、持续提升服务水平。").items[0].recurring == ()
    [item] = one("一、提升服务水平。\n完成时限：长期坚持").items
    assert [found.frequency for found in item.recurring] == [Frequency.CONTINUOUS]


# Targets


@pytest.mark.parametrize(
    ("words", "value", "uom", "comparator"),
    [
        ("地区生产总值增长6.2%左右", 6.2, "%", Comparator.INCREASE),
        ("能耗下降3%以上", 3, "%", Comparator.DECREASE),
        ("覆盖率达到95%", 95, "%", Comparator.AT_LEAST),
        ("开放场景不低于50个", 50, "个", Comparator.AT_LEAST),
        ("审查周期压缩至4个月以内", 4, "个月", Comparator.AT_MOST),
        ("失业率控制在5.5%以内", 5.5, "%", Comparator.AT_MOST),
        ("新建幼儿园2座", 2, "座", Comparator.EXACTLY),
        ("新增就业1200 万人以上", 1200, "万人", Comparator.AT_LEAST),
        ("证明事项减半", 50, "%", Comparator.DECREASE),
    ],
)
def test_targets(words: str, value: float, uom: str, comparator: Comparator) -> None:
    [target] = one(f"一、推进重点工作，{words}。").items[0].targets
    assert (target.value, target.uom, target.comparator) == (value, uom, comparator)


@pytest.mark.parametrize(
    "words",
    [
        "对新增岗位给予每人500元补贴",
        "落实12项重点任务",
        "全面推广“1262”机制",
        "去年已建成20个站点",
        "召开3次会议研究",
        "推进30万千瓦光伏项目建设",
        "65岁以上老人优先",
    ],
)
def test_no_targets(words: str) -> None:
    assert one(f"一、抓好工作，{words}。").items[0].targets == ()


def test_by_when_a_target_holds() -> None:
    [item] = one("一、扩大覆盖，到2025年覆盖率达到60%；全县新建站点12个，2026年底前建成。").items
    assert [target.by.day for target in item.targets if target.by] == [date(2025, 12, 31), date(2026, 12, 31)]
    assert item.targets[0].indicator is not None
    assert item.targets[0].indicator.value.endswith("覆盖率")


# English


def test_english_plan() -> None:
    text = "## Goal 1\n\n- Upgrade 45 culverts by December 2025. Lead: Public Works Department. Support: GIS Office.\n- Report progress quarterly. Owner: County Administrator.\n"
    first, second = one(text).items
    assert first.due is not None
    assert first.due.day == date(2025, 12, 31)
    assert [field.value for field in first.named(Role.LEAD)] == ["Public Works Department"]
    assert [field.value for field in first.named(Role.SUPPORT)] == ["GIS Office"]
    assert [(target.value, target.uom) for target in first.targets] == [(45, "culverts")]
    assert [found.frequency for found in second.recurring] == [Frequency.QUARTERLY]


def test_english_events_without_a_day() -> None:
    text = "| Action | Lead agency | Deadline |\n|---|---|---|\n| Share the inventory with all agencies | GSA | Within 60 days of the inventories |"
    [item] = one(text).items
    assert item.due is not None
    assert item.due.day is None
    assert item.due.words.value.startswith("Within 60 days")

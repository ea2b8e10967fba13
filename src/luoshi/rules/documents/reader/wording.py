"""Wording（用语）: how official writing asks, and how it tells of what is past or merely names a topic."""

from __future__ import annotations

import re
from typing import Final

VERBS: Final = (
    "履行 抓好 抓实 抓紧 抓住 抓牢 讲究 加强 强化 推进 推动 推广 推行 完善 健全 建立 建设 建成 建好 构建 落实 贯彻 开展 实施 组织 提升 提高 提振 优化 深化 深入 扩大 扩展 促进 "
    "保障 确保 保持 保护 维护 做好 做大 做强 做优 做实 做到 打造 打好 打通 打击 打赢 支持 鼓励 引导 指导 督促 监督 检查 排查 整治 整改 治理 清理 规范 制定 制订 出台 "
    "编制 修订 研究 探索 创新 创建 培育 培养 发展 壮大 发挥 坚持 坚决 坚定 注重 突出 聚焦 围绕 统筹 协调 全面 全力 严格 严肃 严查 严禁 切实 扎实 积极 加快 加大 进一步 持续 "
    "不断 稳步 稳妥 有序 大力 着力 努力 力争 争取 认真 及时 尽快 定期 按时 按照 依法 依托 利用 运用 用好 用足 管好 防范 防止 防控 化解 解决 破解 补齐 实现 完成 达到 新增 新建 "
    "改造 改善 改进 改革 拓展 拓宽 激发 释放 降低 减轻 减少 压实 压减 简化 精简 取消 放宽 放开 引进 引入 招引 吸引 对接 联合 成立 设立 设置 配备 增加 增强 扶持 帮助 帮扶 "
    "办好 关注 关心 关爱 树立 弘扬 宣传 培训 学习 总结 报送 上报 报告 提交 公开 公布 发布 通报 调度 核查 验收 评估 考核 评价 严守 守住 守牢 筑牢 巩固 夯实 提请 审议 "
    "明确 细化 分解 梳理 摸清 摸底 建档 开工 投用 启动 举办 承办 筹备 谋划 策划 布局 申报 争创 升级 更新 淘汰 关停 拆除 修复 种植 绿化 供应 储备 收储 盘活 处置 处理 查处 "
    "追究 问责 倒逼 倡导 形成 营造 防治 防御 应对 处理 修缮 新改 落地 保证 摆脱 盯紧 紧盯 紧扣 扛实 扛牢 践行 牢记 铸牢 高标准 高质量 多措并举 对 将 把 以 为 从 在 通过 由 "
    "安排 配合 协助 接受 主动 自觉 带头 牢固 聚力 充分 指定 开放 遴选 选树 举一反三 统一 整合 集中 建议 动员 部署 选派 招聘 招录 扎牢 疏通 打响 唱响 用活 稳定 稳住 稳 "
    "强调 抢抓 抢占 满足 缓解 消除 杜绝 严防 严控 严把 堵塞 畅通 搭建 整理 汇总 填报 收集 征集 下达 拨付 兑现 落细 落小 反馈 答复 办理 受理 追缴 退还 纠正 修改 补充 到".split()
)
_VERB_FIRST: Final = re.compile(rf"^(?:{'|'.join(sorted(set(VERBS), key=len, reverse=True))})")
_ASKS: Final = re.compile(
    r"要(?!求|点|闻|素)|应(?!用|急|对)|须|请|务必|不得|严禁|确保|增长|下降|降低|提高|达到|不低于|不超过|完成|控制在|以上|以内|同步|实现|基本平衡|改善"
)
_NUMERAL: Final = re.compile(r"\d[\d.,]*\s?[%万亿个家座公处条户名项人亩吨]")


def verb_first(words: str) -> bool:
    """Whether words begin as an instruction does, with a verb or its adverb."""
    return _VERB_FIRST.match(words.lstrip('“"(‘ ')) is not None


def asks(words: str) -> bool:
    """Whether a short text asks for something rather than naming a topic."""
    return verb_first(words) or _ASKS.search(words) is not None or _NUMERAL.search(words) is not None


TOLD: Final = re.compile(
    r"(?:工作|任务|建设)?(?:回顾|总结)$|^(?:过去|上年|去年|20\d\d年)[^,。]{0,12}(?:工作回顾|完成情况|工作总结)|工作(?:开展|进展|完成)情况$|^(?:基本|主要|总体|有关)?情况$"
    r"|主要(?:成效|做法)|取得(?:的)?(?:成绩|成效)|^存在(?:的)?(?:主要|突出)?问题|面临(?:的)?形势|^(?:工作|编制|起草)?背景|^现状|^发展(?:基础|现状)|^问题(?:及|与)?原因"
)
"""Headings of parts that tell what was, not what is asked."""

FURNITURE: Final = re.compile(
    r" ?(?:联系人|联系电话|联系方式|电话|传真|邮箱|电子邮箱|地址|抄送|主送|发送|来源|编辑|责任编辑|责编|审核|校对|撰文|记者|作者|发布时间|浏览|索引号|文号|成文日期|发布单位|主题分类|有效性|公开方式|当前位置|分享|打印|扫一扫|上一篇|下一篇|注 ?:|备注 ?:|说明 ?:|附 ?: ?|填表|目录$)"
)
"""Lines of a page that are no words of the document, and names and numbers for asking back."""

ANNOUNCES: Final = re.compile(
    r"(?:会议|大会|全会|报告|通知|方案|同志|书记|主席|主任|[省市县区州镇乡局厅部委]长|他|她|[他她]们|领导|王|李|张|强调|并|就[^,。;]{1,40})?"
    r"[^,。;:]{0,24}?(?:强调|指出|要求|提出|部署|议定|决定|明确|安排|希望|号召|认为|(?:目标|任务|重点|工作|要求|措施|事项)(?:是|为|如下|包括)?|如下|做到|抓好|方面|是)(?:,|:)"
)
COMMANDS: Final = re.compile(
    r"(?:强调|指出|要求|提出|部署|议定|决定|明确|希望|目标|任务|重点|如下|安排)[^,。;:]{0,12}[:,]"
)
_MUST: Final = re.compile(
    r"^(?:同时|此外|另外|下一步|下步|为此|因此|会后|今后|对此|最后)?,?(?P<subject>[^,。;:要]{0,24}?)(?P<must>要(?!求|闻|点|素|件|么|害|是|说)|必须|务必|务须|需要|应当|不得|严禁|应(?!用|该怎|该如|对|急|届)|须(?!知)|请(?!示|求|假)|需(?!求))"
)
_SPEAKS: Final = re.compile(
    r"^(?:[^,。;:]{0,30}?)(?:强调|指出|要求|提出|认为|表示|说|希望|部署|议定|决定|明确)(?:,|:|指出,|要)"
)
_TELLS: Final = re.compile(r"(?:召开|举行|听取|传达|学习|审议|通过|宣读|参加|出席|主持|汇报|介绍|肯定|部署)了")


def speech_prefix(words: str) -> int:
    """How long the words are that say who speaks（会议强调，）, the verb 要 after them left in the speech."""
    found = _SPEAKS.match(words)
    if found is None:
        return 0
    return found.end() - (words[found.end() - 1] == "要")


def demands(words: str) -> bool:
    """Whether a sentence of prose asks somebody for something: 要…, 各单位要…, 必须…, 请…."""
    found = _MUST.match(words)
    if found is None or (_TELLS.search(words[:60]) and found["must"] != "要"):
        return False
    subject = found["subject"]
    return len(subject) <= 24 and not subject.endswith(
        ("主", "重", "需", "只", "就", "不", "想", "都", "将", "的", "如果", "若")
    )


REPORTS: Final = re.compile(
    r"报送|上报|报告|报[至到国省市县区州我]|反馈|提交|报[^名道复废刊]{0,6}(?:备案|政府|办公室|督查室)|请.{0,60}前"
)
"""Sentences that ask for a report."""

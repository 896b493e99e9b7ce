"""Personal data: names, telephones, addresses. A study of satisfaction needs none of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from csi.codebook import folded

#: Whole names of columns, folded, that survey tools and studies give to personal data.
NAMES = {
    "姓名", "您的姓名", "名字", "昵称", "用户名", "手机", "手机号", "手机号码", "电话", "电话号码", "联系电话",
    "联系方式", "邮箱", "电子邮箱", "身份证", "身份证号", "身份证号码", "微信", "微信号", "qq", "qq号", "qq号码",
    "住址", "家庭住址", "详细地址", "联系地址", "来自ip", "ip", "ip地址", "ipaddress", "name", "firstname",
    "lastname", "fullname", "yourname", "surname", "email", "emailaddress", "mail", "phone", "phonenumber",
    "telephone", "mobile", "mobilephone", "mobilenumber", "address", "recipientlastname", "recipientfirstname",
    "recipientemail", "externalreference", "externaldatareference", "locationlatitude", "locationlongitude",
    "openid", "wechat", "wechatid",
}  # fmt: skip

#: Beginnings of questions that ask for personal data.
QUESTIONS = re.compile(
    r"(请?(填写|输入|留下)?(您|你)的?(真实)?(姓名|名字|手机|电话|联系方式|联系电话|邮箱|身份证|微信号|qq号|住址|地址))"
    r"|(what is )?your (full |first |last )?(name|e-?mail|phone|telephone|mobile)",
    re.IGNORECASE,
)

#: Values that are personal data whatever the column is called.
VALUES = {
    "telephone numbers": re.compile(r"(\+?86[- ]?)?1[3-9]\d{9}"),
    "e-mail addresses": re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"),
    "IP addresses": re.compile(r"(\d{1,3}\.){3}\d{1,3}(\s*[(（].*[)）])?"),
    "identity numbers": re.compile(r"[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])\d{5}[\dXx]"),
}


def reason(name: str, question: str, cells: Iterable[Any]) -> str:
    """Say why a column is personal data, or nothing.

    Examples
    --------
    >>> reason("Q9", "您的手机号码", [])
    'asks for it'
    >>> reason("Q9", "Remarks", ["13812345678", "13912345678"])
    'holds telephone numbers'
    >>> reason("Q1", "品牌名称", [1, 2])
    ''
    """
    if folded(name) in NAMES or folded(question) in NAMES:
        return "is called so"
    if QUESTIONS.match(question.strip()) or QUESTIONS.match(name.strip()):
        return "asks for it"
    given = [_text(cell) for cell in cells if cell is not None and cell == cell]
    for what, pattern in VALUES.items():
        hits = sum(pattern.fullmatch(text) is not None for text in given)
        if hits and 2 * hits >= len(given):
            return f"holds {what}"
    return ""


def _text(cell: Any) -> str:
    """A cell as it was written: whole numbers without a decimal point."""
    return f"{cell:.0f}" if isinstance(cell, float) and cell.is_integer() else str(cell).strip()

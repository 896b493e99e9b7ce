"""The models of the national and sectoral satisfaction indices, one typed function each."""

from __future__ import annotations

from typing import Literal

from csi.models.build import Complaints, ItemsLike, build
from csi.spec import Model
from csi.spec.words import ScaleLike


def ecsi(variant: Literal["mobile", "1999"] = "mobile", *, items: ItemsLike = None, scale: ScaleLike = None) -> Model:
    """Give the European index: image, expectations, quality, value, satisfaction and what follows from it.

    Parameters
    ----------
    variant : {"mobile", "1999"}
        "mobile" is the benchmark of Tenenhaus et al. (2005) with twelve paths, one quality construct and
        complaint handling; its items are the columns of `csi.datasets.load("mobi")`. "1999" is the index as
        first specified: product and service quality, no complaints, thirteen paths.
    items : mapping of construct to items, optional
        Your items in place of the default ones: `{"satisfaction": ["S1", "S2"]}`. Constructs not named keep
        theirs. A bare name that is one of the construct's default items keeps its question and scale. A
        construct mapped to None or to an empty list is left out, with its paths.
    scale : (low, high), optional
        The scale of all items that say none of their own; 1 to 10 if left out.

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        If `items` names an unknown construct, with the closest known one.
    SettingsError
        If the variant is unknown.

    References
    ----------
    Tenenhaus, M., Esposito Vinzi, V., Chatelin, Y.-M. & Lauro, C. (2005). PLS path modeling. Computational
    Statistics & Data Analysis, 48(1), 159-205.

    Cassel, C. & Eklöf, J. A. (2001). Modelling customer satisfaction and loyalty on aggregate levels.
    Total Quality Management, 12(7-8), 834-841.

    Examples
    --------
    >>> ecsi()
    Model('ECSI mobile': 7 constructs, 24 items, 12 paths, index satisfaction)
    >>> ecsi(items={"complaints": None})
    Model('ECSI mobile': 6 constructs, 23 items, 10 paths, index satisfaction)
    >>> ecsi("1999")
    Model('ECSI 1999': 7 constructs, 20 items, 13 paths, index satisfaction)
    """
    return build("ecsi", variant, items=items, scale=scale)


def acsi(
    variant: Literal["1994", "product-service", "government"] = "1994",
    *,
    items: ItemsLike = None,
    scale: ScaleLike = None,
    complaints: Complaints | None = None,
    expectations_to_parts: bool = False,
) -> Model:
    """Give the American index: expectations, quality, value, satisfaction, complaints, loyalty.

    Parameters
    ----------
    variant : {"1994", "product-service", "government"}
        "1994" has six constructs and nine paths. "product-service" splits quality in two and makes overall
        quality of them (a composite of second order, measured by repeated indicators). "government" has no
        value, and trust in place of loyalty.
    items : mapping of construct to items, or "mobi", optional
        Your items in place of the default ones, as in `ecsi`; `"mobi"` stands for the columns of
        `csi.datasets.load("mobi")`.
    scale : (low, high), optional
        The scale of all items that say none of their own; 1 to 10 if left out. The default items for
        complaints (0/1) and price tolerance (per cent) say their own; items of yours do not unless you write
        `csi.Item("COMP", scale=(0, 1))`.
    complaints : {"incidence", "handling"}, optional
        What the complaints construct means. "incidence" (did the customer complain, 1 or 0): satisfaction
        lowers it, its effect on loyalty may have either sign. "handling" (how well the complaint was
        handled): both signs are positive. If left out: incidence, or handling with `items="mobi"`.
    expectations_to_parts : bool
        In "product-service" only: whether expectations also act on product and service quality (status
        "assumed"). With repeated indicators these two explain overall quality completely, and an effect of
        expectations can only pass through them.

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        If `items` names an unknown construct, mobi does not ask about one, or a variant lacks what another
        argument speaks of.
    SettingsError
        If `variant` or `complaints` is unknown.

    References
    ----------
    Fornell, C., Johnson, M. D., Anderson, E. W., Cha, J. & Bryant, B. E. (1996). The American Customer
    Satisfaction Index: Nature, purpose, and findings. Journal of Marketing, 60(4), 7-18.

    Examples
    --------
    >>> acsi()
    Model('ACSI': 6 constructs, 15 items, 9 paths, index satisfaction)
    >>> acsi(items="mobi")
    Model('ACSI': 6 constructs, 19 items, 9 paths, index satisfaction)
    >>> [(h.cause, h.effect, h.sign) for h in acsi().hypotheses() if "complaints" in (h.cause, h.effect)]
    [('satisfaction', 'complaints', '-'), ('complaints', 'loyalty', '+/-')]
    >>> acsi("product-service").higher
    {'quality': ('product_quality', 'service_quality')}
    """
    options = {"expectations_to_parts": expectations_to_parts}
    return build("acsi", variant, items=items, scale=scale, complaints=complaints, options=options)


def scsb(*, items: ItemsLike = None, scale: ScaleLike = None, complaints: Complaints | None = None) -> Model:
    """Give the Swedish barometer, the first national index: expectations and perceived performance (value).

    Parameters
    ----------
    items, scale, complaints
        As in `acsi`.

    Returns
    -------
    Model

    References
    ----------
    Fornell, C. (1992). A national customer satisfaction barometer: The Swedish experience. Journal of
    Marketing, 56(1), 6-21.

    Examples
    --------
    >>> scsb()
    Model('SCSB': 5 constructs, 10 items, 6 paths, index satisfaction)
    >>> [item.name for item in scsb(items="mobi").constructs["value"].items]
    ['PERV1', 'PERV2']
    """
    return build("scsb", items=items, scale=scale, complaints=complaints)


def ccsi(image_to_loyalty: bool = False, *, items: ItemsLike = None, scale: ScaleLike = None) -> Model:
    """Give the Chinese index of Tsinghua University: the ACSI without complaints and with brand image.

    Parameters
    ----------
    image_to_loyalty : bool
        Sources agree on eleven paths, not on which. By default image drives expectations, quality, value and
        satisfaction (status "assumed"); True adds image -> loyalty, the twelve paths of many theses.
    items, scale
        As in `ecsi`; `items="mobi"` stands for the columns of `csi.datasets.load("mobi")`.

    Returns
    -------
    Model

    References
    ----------
    GB/T 19038-2009 顾客满意测评模型和方法指南 (Guidelines for model and methods of customer satisfaction
    measurement). Its model is an informative annex.

    Examples
    --------
    >>> ccsi()
    Model('CCSI': 6 constructs, 20 items, 11 paths, index satisfaction)
    >>> len(ccsi(image_to_loyalty=True).paths)
    12
    """
    return build("ccsi", items=items, scale=scale, options={"image_to_loyalty": image_to_loyalty})


def tcsi(
    image_to_loyalty: bool = False,
    *,
    items: ItemsLike = None,
    scale: ScaleLike = None,
    complaints: Complaints | None = None,
) -> Model:
    """Give the Chinese telecommunications index: the ACSI, complaints kept, and brand image.

    Parameters
    ----------
    image_to_loyalty : bool
        Whether image also drives loyalty. The seven constructs are agreed; all paths are assumed.
    items, scale, complaints
        As in `acsi`.

    Returns
    -------
    Model

    References
    ----------
    Ministry of Information Industry of China (2001). 电信用户满意度指数 (Telecommunications user satisfaction index).

    Examples
    --------
    >>> tcsi()
    Model('TCSI': 7 constructs, 16 items, 13 paths, index satisfaction)
    >>> {path.status for path in tcsi().paths}
    {'assumed'}
    """
    options = {"image_to_loyalty": image_to_loyalty}
    return build("tcsi", items=items, scale=scale, complaints=complaints, options=options)


def ncsb(
    variant: Literal["original", "new"] = "original",
    *,
    items: ItemsLike = None,
    scale: ScaleLike = None,
    complaints: Complaints | None = None,
) -> Model:
    """Give the Norwegian barometer: the ACSI with corporate image, or the model that replaced it.

    Parameters
    ----------
    variant : {"original", "new"}
        "original" is the ACSI and image, which drives satisfaction and loyalty. "new" has five dimensions of
        service quality, price and complaint handling as drivers, and image and two kinds of commitment
        between satisfaction and loyalty.
    items, scale, complaints
        As in `acsi`; the new model has complaint handling in any case and takes no `complaints`.

    Returns
    -------
    Model

    References
    ----------
    Johnson, M. D., Gustafsson, A., Andreassen, T. W., Lervik, L. & Cha, J. (2001). The evolution and future
    of national customer satisfaction index models. Journal of Economic Psychology, 22(2), 217-245.

    Examples
    --------
    >>> ncsb()
    Model('NCSB original': 7 constructs, 18 items, 11 paths, index satisfaction)
    >>> ncsb("new")
    Model('NCSB new': 12 constructs, 36 items, 16 paths, index satisfaction)
    """
    return build("ncsb", variant, items=items, scale=scale, complaints=complaints)


def swics(*, items: ItemsLike = None, scale: ScaleLike = None) -> Model:
    """Give the Swiss index: satisfaction, customer dialogue, loyalty.

    Parameters
    ----------
    items, scale
        As in `ecsi`.

    Returns
    -------
    Model

    References
    ----------
    Bruhn, M. & Grund, M. A. (2000). Theory, development and implementation of national customer satisfaction
    indices: The Swiss Index of Customer Satisfaction (SWICS). Total Quality Management, 11(7), 1017-1028.

    Examples
    --------
    >>> swics()
    Model('SWICS': 3 constructs, 8 items, 3 paths, index satisfaction)
    """
    return build("swics", items=items, scale=scale)


def tcsi_taiwan(*, items: ItemsLike = None, scale: ScaleLike = None) -> Model:
    """Give the index of Taiwan, in the form supported by published applications.

    Parameters
    ----------
    items, scale
        As in `ecsi`; `items="mobi"` stands for the columns of `csi.datasets.load("mobi")`.

    Returns
    -------
    Model

    References
    ----------
    Lee, Y.-C., Wang, Y.-C., Lu, S.-C., Hsieh, Y.-F., Chien, C.-H., Tsai, S.-B. & Dong, W. (2016). An empirical
    research on customer satisfaction study. SpringerPlus, 5, 1577.

    Examples
    --------
    >>> tcsi_taiwan()
    Model('TCSI Taiwan': 6 constructs, 17 items, 7 paths, index satisfaction)
    """
    return build("tcsi_taiwan", items=items, scale=scale)

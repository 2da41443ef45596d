"""stub"""
def definition(name, dtype):
    t = "float" if dtype.itemsize == 4 else "double"
    sfx = "f" if dtype.itemsize == 4 else ""
    sym = f"{name}_f{8*dtype.itemsize}"
    c = {"arcsin":"asin","arccos":"acos","arctan":"atan","power":"pow","arctan2":"atan2","absolute":"fabs"}.get(name,name)+sfx
    n = 2 if name in ("power","arctan2","hypot") else 1
    a = ", ".join([t]*n); b = ", ".join(f"{t} %x{i}" for i in range(n))
    return [f"declare {t} @{c}({a})", f"define internal {t} @{sym}({b}) alwaysinline {{\n  %r = call {t} @{c}({b})\n  ret {t} %r\n}}"], {}

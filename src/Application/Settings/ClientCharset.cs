namespace PayRecharge.Application.Settings;

/// <summary>How the bytes of a legacy request become text.</summary>
public enum ClientCharset
{
    /// <summary>UTF-8 where it can be meant, else GB18030.</summary>
    Auto = 0,
    /// <summary>UTF-8 alone.</summary>
    Utf8 = 1,
    /// <summary>GB18030, which holds all of GBK.</summary>
    Gbk = 2,
}

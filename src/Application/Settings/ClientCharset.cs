namespace PayRecharge.Application.Settings;

/// <summary>How the bytes of a legacy request are decoded.</summary>
public enum ClientCharset
{
    /// <summary>Detected from the bytes of each request.</summary>
    Auto,

    /// <summary>Always UTF-8.</summary>
    Utf8,

    /// <summary>Always GBK, decoded as its superset GB18030.</summary>
    Gbk,
}

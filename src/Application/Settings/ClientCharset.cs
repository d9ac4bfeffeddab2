namespace PayRecharge.Application.Settings;

/// <summary>How the bytes that a legacy client sends are read as text.</summary>
public enum ClientCharset
{
    /// <summary>Decided for each request from its bytes.</summary>
    Auto,

    /// <summary>Always UTF-8.</summary>
    Utf8,

    /// <summary>Always GBK, read as its superset GB18030.</summary>
    Gbk,
}

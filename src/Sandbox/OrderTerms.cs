using System.Globalization;
using System.Net;

namespace PayRecharge.Sandbox;

/// <summary>The merchant's order parameters. An absent optional text is null, never empty.</summary>
internal sealed record OrderTerms(
    string OutTradeNo, long TotalFee, string? Body, string? Attach, Uri? NotifyUrl, string? Type, DateTimeOffset? Expires)
{
    private const long MostFen = 1_000_000;

    /// <returns>The terms, or null with the reason for refusing them.</returns>
    public static OrderTerms? Read(RequestFields fields, DateTimeOffset now, out string refusal)
    {
        refusal = Refusal(fields, now) ?? "";
        return refusal.Length > 0 ? null : new(
            fields.Text("out_trade_no"), Fee(fields) ?? 0, Optional("body"), Optional("attach"),
            Optional("notify_url") is { } url ? new Uri(url) : null, Optional("type"),
            BeijingTime.ReadStamp(fields.Text("time_expire")));

        string? Optional(string name) => fields.Text(name) is { Length: > 0 } text ? text : null;
    }

    private static string? Refusal(RequestFields fields, DateTimeOffset now)
    {
        if (fields.Text("total_fee").Length == 0)
            return "total_fee 不能为空";
        if (Fee(fields) is not (>= 1 and <= MostFen))
            return "total_fee 必须是 1 到 1000000 之间的整数";
        if (fields.Text("out_trade_no").Length == 0)
            return "out_trade_no 不能为空";
        if (TooLong(fields) is { } name)
            return $"{name} 长度超出限制";
        if (fields.Text("type") is not ("" or "alipay"))
            return "type 参数错误";
        if (fields.Text("notify_url") is { Length: > 0 } url && !MayBeNotified(url))
            return "notify_url 必须是不带参数的本机地址";
        if (fields.Text("time_expire") is { Length: > 0 } expiry && !(BeijingTime.ReadStamp(expiry) > now))
            return "time_expire 参数错误";
        return null;
    }

    private static long? Fee(RequestFields fields) =>
        long.TryParse(fields.Text("total_fee"), NumberStyles.None, CultureInfo.InvariantCulture, out var fen) ? fen : null;

    private static string? TooLong(RequestFields fields) =>
        new[] { ("out_trade_no", 32), ("body", 64), ("attach", 127), ("notify_url", 255) }
            .Where(limit => fields.Text(limit.Item1).EnumerateRunes().Count() > limit.Item2)
            .Select(limit => limit.Item1)
            .FirstOrDefault();

    /// <summary>Allows only this machine: an exposed sandbox must not be usable against other hosts.</summary>
    private static bool MayBeNotified(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && !url.Contains('?')
        && (uri.Host == "localhost" || (IPAddress.TryParse(uri.DnsSafeHost, out var address) && IPAddress.IsLoopback(address)));
}

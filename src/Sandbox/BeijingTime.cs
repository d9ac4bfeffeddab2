using System.Globalization;

namespace PayRecharge.Sandbox;

/// <summary>The gateway writes all times in UTC+8, whatever the local time zone.</summary>
internal static class BeijingTime
{
    private const string StampFormat = "yyyyMMddHHmmss";
    private static readonly TimeSpan Offset = TimeSpan.FromHours(8);

    public static string Stamp(DateTimeOffset time) => Write(time, StampFormat);

    public static string Day(DateTimeOffset time) => Write(time, "yyyyMMdd");

    public static string Text(DateTimeOffset time) => Write(time, "yyyy-MM-dd HH:mm:ss");

    public static DateTimeOffset? ReadStamp(string text) =>
        DateTime.TryParseExact(text, StampFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) && time.Year > 1
            ? new DateTimeOffset(time, Offset)
            : null;

    private static string Write(DateTimeOffset time, string format) =>
        time.ToOffset(Offset).ToString(format, CultureInfo.InvariantCulture);
}

using System.Globalization;

namespace PayRecharge.Domain;

/// <summary>Amounts of money: whole fen (1/100 yuan) as <see cref="long"/>; decimal yuan only as text.</summary>
public static class Fen
{
    private const int MaximumWholeDigits = 7;

    /// <summary>Parses decimal yuan: 1 to 7 digits, optionally a point and 1 or 2 digits. ASCII only, no sign, no exponent.</summary>
    /// <returns>Whether <paramref name="yuan"/> has that form; <paramref name="fen"/> may be 0.</returns>
    public static bool TryParseYuan(string? yuan, out long fen)
    {
        fen = 0;
        if (yuan is null) return false;
        var point = yuan.IndexOf('.');
        var whole = point < 0 ? yuan : yuan[..point];
        var fraction = point < 0 ? "00" : yuan[(point + 1)..];
        if (whole.Length is 0 or > MaximumWholeDigits || fraction.Length is 0 or > 2) return false;
        if (!whole.All(char.IsAsciiDigit) || !fraction.All(char.IsAsciiDigit)) return false;
        fen = long.Parse(whole + fraction.PadRight(2, '0'), NumberStyles.None, CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>Formats fen as the shortest decimal yuan: 100 is "1", 1 is "0.01", 1250 is "12.5".</summary>
    public static string ToYuan(long fen) => (fen / 100m).ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>The number of whole units that an amount buys: floor(yuan × ratio), in exact integers.</summary>
    /// <param name="fen">The amount in fen.</param>
    /// <param name="unitsPerYuan">Units per yuan, at most 4 decimal places.</param>
    public static long Buys(long fen, decimal unitsPerYuan) => (long)(fen * (Int128)(unitsPerYuan * 10_000m) / 1_000_000);
}

using System.Globalization;

namespace PayRecharge.Domain;

/// <summary>Amounts of money: whole fen (1/100 yuan) in a <see cref="long"/>, decimal yuan only as text.</summary>
public static class Fen
{
    private const int MaximumWholeDigits = 7;

    /// <summary>Reads decimal yuan as buyers write it: 1 to 7 digits, then perhaps a point and 1 or 2 digits; ASCII only, no sign, no exponent.</summary>
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

    /// <summary>The shortest decimal yuan: 100 fen is "1", 1 fen "0.01", 1250 fen "12.5".</summary>
    public static string ToYuan(long fen) => (fen / 100m).ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>How many whole units an amount buys at a ratio: floor(yuan × ratio), in exact integers.</summary>
    /// <param name="fen">The amount in fen.</param>
    /// <param name="unitsPerYuan">Units for one yuan, at most 4 decimal places.</param>
    public static long Buys(long fen, decimal unitsPerYuan) => (long)(fen * (Int128)(unitsPerYuan * 10_000m) / 1_000_000);
}

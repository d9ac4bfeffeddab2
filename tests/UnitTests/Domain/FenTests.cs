using System.Numerics;
using CsCheck;
using PayRecharge.Domain;

namespace PayRecharge.UnitTests.Domain;

internal sealed class FenTests
{
    [TestCase("0", 0)]
    [TestCase("0.0", 0)]
    [TestCase("0.01", 1)]
    [TestCase("0.1", 10)]
    [TestCase("0.10", 10)]
    [TestCase("1", 100)]
    [TestCase("1.0", 100)]
    [TestCase("12.5", 1250)]
    [TestCase("19.90", 1990)]
    [TestCase("007", 700)]
    [TestCase("10000.00", 1_000_000)]
    [TestCase("9999999.99", 999_999_999)]
    public void Reads_decimal_yuan(string yuan, long fen)
    {
        Assert.That(Fen.TryParseYuan(yuan, out var read), Is.True);
        Assert.That(read, Is.EqualTo(fen));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase(".")]
    [TestCase(".5")]
    [TestCase("1.")]
    [TestCase("1.001")]
    [TestCase("1.0.0")]
    [TestCase("10000000")]
    [TestCase("00000001")]
    [TestCase("-1")]
    [TestCase("+1")]
    [TestCase("1e2")]
    [TestCase("0x1")]
    [TestCase(" 1")]
    [TestCase("1 ")]
    [TestCase("1\n")]
    [TestCase("1\0")]
    [TestCase("1,0")]
    [TestCase("1.-5")]
    [TestCase("NaN")]
    [TestCase("１")]
    [TestCase("٣")]
    [TestCase("1.٣")]
    public void Refuses_any_other_text(string? text)
    {
        Assert.That(Fen.TryParseYuan(text, out var fen), Is.False);
        Assert.That(fen, Is.Zero);
    }

    [TestCase(0, "0")]
    [TestCase(1, "0.01")]
    [TestCase(10, "0.1")]
    [TestCase(100, "1")]
    [TestCase(1250, "12.5")]
    [TestCase(1990, "19.9")]
    [TestCase(1_000_000, "10000")]
    [TestCase(999_999_999, "9999999.99")]
    public void Prints_the_shortest_decimal(long fen, string yuan) => Assert.That(Fen.ToYuan(fen), Is.EqualTo(yuan));

    [Test]
    public void Reads_back_what_it_prints() =>
        Gen.Long[0, 999_999_999].Sample(fen => Fen.TryParseYuan(Fen.ToYuan(fen), out var read) && read == fen);

    [TestCase(1, 1, 0)]
    [TestCase(99, 1, 0)]
    [TestCase(100, 1, 1)]
    [TestCase(199, 1, 1)]
    [TestCase(1, 100, 1)]
    [TestCase(1990, 10, 199)]
    public void Buys_whole_units_only(long fen, int ratio, long units) => Assert.That(Fen.Buys(fen, ratio), Is.EqualTo(units));

    // In binary floating point 0.29 × 100 is 28.999…, and 4.35 × 100 is 434.999….
    [TestCase(29, "100", 29)]
    [TestCase(435, "100", 435)]
    [TestCase(100, "0.0001", 0)]
    [TestCase(1_000_000, "0.0001", 1)]
    [TestCase(999_999, "0.0001", 0)]
    public void Counts_exactly(long fen, string ratio, long units) =>
        Assert.That(Fen.Buys(fen, decimal.Parse(ratio, System.Globalization.CultureInfo.InvariantCulture)), Is.EqualTo(units));

    [Test]
    public void Buys_what_unbounded_integers_say() =>
        Gen.Select(Gen.Long[0, 999_999_999], Gen.Long[0, 1_000_000_000_000]).Sample((fen, tenThousandths) =>
            Fen.Buys(fen, tenThousandths / 10_000m) == (BigInteger)fen * tenThousandths / 1_000_000);
}

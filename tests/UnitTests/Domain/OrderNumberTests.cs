using PayRecharge.Domain.Orders;

namespace PayRecharge.UnitTests.Domain;

internal sealed class OrderNumberTests
{
    private static readonly DateTimeOffset LeapEvening = new(2024, 2, 29, 17, 5, 9, TimeSpan.Zero);

    [TestCase("Asia/Shanghai", "20240301010509")]
    [TestCase("UTC", "20240229170509")]
    [TestCase("America/New_York", "20240229120509")]
    public void Begins_with_the_time_at_the_site(string zone, string time) =>
        Assert.That(OrderNumber.Draw(LeapEvening, TimeZoneInfo.FindSystemTimeZoneById(zone)), Does.Match($"^{time}[0-9]{{6}}\\z"));

    [Test]
    public void Ends_in_digits_drawn_anew()
    {
        var tails = Enumerable.Range(0, 2000).Select(_ => OrderNumber.Draw(LeapEvening, TimeZoneInfo.Utc)[14..]).ToList();
        // Of 2000 draws from a million, about 2 coincide; 100 coincide less than once in 10^100 runs.
        Assert.That(tails.Distinct().Count(), Is.GreaterThan(1900));
        for (var place = 0; place < 6; place++)
            Assert.That(tails.Select(t => t[place]).Distinct().Count(), Is.EqualTo(10), $"digits at place {place}");
    }
}

using System.Globalization;
using System.Security.Cryptography;

namespace PayRecharge.Domain.Orders;

/// <summary>The merchant's order number: <c>yyyyMMddHHmmss</c> in the site's time zone and 6 random digits.</summary>
public static class OrderNumber
{
    /// <summary>Draws a number. Two numbers of one second may be equal: if the database's unique index reports that, draw again.</summary>
    public static string Draw(DateTimeOffset now, TimeZoneInfo site) =>
        TimeZoneInfo.ConvertTime(now, site).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture)
        + RandomNumberGenerator.GetString("0123456789", 6);
}

using PayRecharge.Domain.Payments;

namespace PayRecharge.UnitTests.Domain;

internal sealed class NotificationTests
{
    // Anyone may send a notice whose order number or field name is as long as the notice itself; the columns hold 64 and 255.
    [Test]
    public void Long_texts_are_cut_to_their_columns()
    {
        var notification = Of(new string('1', 65), new string('x', 256));
        Assert.That((notification.OrderNumber!.Length, notification.QuarantineReason!.Length), Is.EqualTo((64, 255)));

        notification.Judge(new string('y', 256), signed: true, new string('2', 65));
        Assert.That((notification.QuarantineReason, notification.OrderNumber), Is.EqualTo((new string('y', 255), new string('2', 64))));
    }

    [Test]
    public void A_message_can_leave_quarantine()
    {
        var notification = Of("20240301000000000001", "unknown order");
        notification.Judge(null, signed: true, "20240301000000000001");
        Assert.That((notification.OrderNumber, notification.QuarantineReason), Is.EqualTo(("20240301000000000001", (string?)null)));
    }

    private static Notification Of(string number, string reason) =>
        Notification.Of(NotificationSource.Notify, "payjs", "hash", false, number, RawMessage.Of("content"), "203.0.113.1", DateTimeOffset.UnixEpoch, reason);
}

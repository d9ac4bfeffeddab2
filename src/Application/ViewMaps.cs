using AutoMapper;
using PayRecharge.Application.Accounts;
using PayRecharge.Application.Cards;
using PayRecharge.Application.Orders;
using PayRecharge.Application.Payments;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Cards;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application;

/// <summary>Maps aggregates to views, never back.</summary>
internal sealed class ViewMaps : Profile
{
    public ViewMaps()
    {
        CreateMap<CardRule, CardRuleView>();
        CreateMap<UserAccount, AccountView>().ForMember(v => v.Credits, o => o.MapFrom(a => AccountView.CreditsOf(a)));
        CreateMap<Notification, NotificationView>().ForMember(v => v.Content, o => o.MapFrom(n => n.Raw.Text));
        CreateMap<Order, OrderRecord>().ForMember(r => r.UserName, o => o.Ignore()).ForMember(r => r.Kami, o => o.Ignore());
        // Limits AutoMapper's recursion into self-referential sources; no mapped type refers to itself.
        ForAllMaps((_, map) => map.MaxDepth(64));
    }
}

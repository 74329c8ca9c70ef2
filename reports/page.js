(function(){
'use strict';
var root=document.documentElement,button=document.getElementById('theme'),themes=['auto','light','dark'],at=0;
button.hidden=false;
button.addEventListener('click',function(){
at=(at+1)%3;
if(at)root.setAttribute('data-theme',themes[at]);else root.removeAttribute('data-theme');
button.textContent='Theme: '+themes[at];
});
var print=document.getElementById('print');
print.hidden=false;
print.addEventListener('click',function(){window.print();});
window.addEventListener('beforeprint',function(){document.querySelectorAll('details').forEach(function(d){d.open=true;});});
document.querySelectorAll('table.sort').forEach(function(table){
var body=table.tBodies[0];
table.querySelectorAll('thead th').forEach(function(head,column){
var b=document.createElement('button');
b.type='button';b.textContent=head.textContent;head.textContent='';head.appendChild(b);
b.addEventListener('click',function(){
var down=head.getAttribute('aria-sort')==='ascending';
table.querySelectorAll('thead th').forEach(function(h){h.removeAttribute('aria-sort');});
head.setAttribute('aria-sort',down?'descending':'ascending');
Array.from(body.rows).sort(function(x,y){
var a=x.cells[column].dataset.v||x.cells[column].textContent,c=y.cells[column].dataset.v||y.cells[column].textContent,n=a-c;
if(isNaN(n))n=a<c?-1:a>c?1:0;
return down?-n:n;
}).forEach(function(row){body.appendChild(row);});
});
});
});
})();
